// The speed of transposed convolution: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const ConvTransposeSpec& spec,
                     const Shape& image) {
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakeConvTransposeKernel(backend, spec, image, images);
              },
          .input = image,
          .output = *OutputShape(spec, image),
          .parameters = {*FilterShape(spec), Shape({spec.output_channels})},
          .cost = *ComputeCost(spec, image)};
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks(
      {// What a generator of images of digits is made of.
       Case("7To14",
            {.input_channels = 64,
             .output_channels = 32,
             .window = {.kernel = {4, 4}, .stride = {2, 2}, .padding = {1, 1}}},
            {7, 7, 64}),
       Case("14To28",
            {.input_channels = 32,
             .output_channels = 1,
             .window = {.kernel = {4, 4}, .stride = {2, 2}, .padding = {1, 1}}},
            {14, 14, 32}),
       Case("Pieces",
            {.input_channels = 32,
             .output_channels = 16,
             .window = {.kernel = {2, 2}, .stride = {2, 2}}},
            {14, 14, 32}),
       Case("Unstrided3x3",
            {.input_channels = 32,
             .output_channels = 32,
             .window = {.kernel = {3, 3}, .padding = {1, 1}}},
            {14, 14, 32})},
      argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
