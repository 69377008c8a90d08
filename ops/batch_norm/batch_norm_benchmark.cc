// The speed of batch normalization in training:
// ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>
#include <vector>

#include "lenslet/ops/batch_norm/batch_norm.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const Shape& image) {
  const int64_t channels = image.dim(image.rank() - 1);
  const BatchNormSpec spec = {.channels = channels};
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakeBatchNormKernel(backend, spec, image, images);
              },
          .input = image,
          .output = image,
          .parameters = {{channels}, {channels}, {channels}, {channels}},
          .cost = *ComputeCost(spec, image)};
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks(
      {
          Case("28x28x6", {28, 28, 6}),
          Case("10x10x16", {10, 10, 16}),
          Case("120", {120}),
      },
      argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
