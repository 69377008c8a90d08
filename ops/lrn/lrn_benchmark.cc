// The speed of local response normalization: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "lenslet/ops/lrn/lrn.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const Shape& image) {
  return {
      .name = name,
      .make = [image](Backend backend,
                      int64_t) { return MakeLrnKernel(backend, {}, image); },
      .input = image,
      .output = image,
      .cost = *ComputeCost(LrnSpec(), image)};
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks(
      {Case("28x28x6", {28, 28, 6}), Case("14x14x64", {14, 14, 64})}, argc,
      argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
