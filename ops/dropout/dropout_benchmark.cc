// The speed of dropout in training: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "lenslet/ops/dropout/dropout.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const Shape& image) {
  return {.name = name,
          .make =
              [image](Backend backend, int64_t images) {
                return MakeDropoutKernel(backend, {.rate = 0.5}, image, images);
              },
          .input = image,
          .output = image};
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks(
      {
          Case("28x28x6", {28, 28, 6}),
          Case("120", {120}),
      },
      argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
