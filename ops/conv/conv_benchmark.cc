// The speed of convolution: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const ConvSpec& spec,
                     const Shape& image, bool input_gradient = true) {
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakeConvKernel(backend, spec, image, images);
              },
          .input = image,
          .output = *OutputShape(spec, image),
          .parameters = {*FilterShape(spec), Shape({spec.output_channels})},
          .cost = *ComputeCost(spec, image),
          .input_gradient = input_gradient};
}

// Backward, only the gradients w.r.t. filter and bias.
KernelBenchmark FilterGradientCase(int64_t size, int64_t channels,
                                   int64_t kernel = 3) {
  const int64_t padding = kernel / 2;
  return Case(
      absl::StrFormat("FilterGradient/%dx%dx%d/%dx%d", size, size, channels,
                      kernel, kernel),
      {.input_channels = channels,
       .output_channels = channels,
       .window = {.kernel = {kernel, kernel}, .padding = {padding, padding}}},
      {size, size, channels}, /*input_gradient=*/false);
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks(
      {Case("LeNetFirst",
            {.input_channels = 1,
             .output_channels = 6,
             .window = {.kernel = {5, 5}, .padding = {2, 2}}},
            {28, 28, 1}, /*input_gradient=*/false),
       Case("LeNetSecond",
            {.input_channels = 6,
             .output_channels = 16,
             .window = {.kernel = {5, 5}}},
            {14, 14, 6}),
       Case("3x3x64",
            {.input_channels = 64,
             .output_channels = 64,
             .window = {.kernel = {3, 3}, .padding = {1, 1}}},
            {14, 14, 64}),
       Case("1x1x64",
            {.input_channels = 64,
             .output_channels = 64,
             .window = {.kernel = {1, 1}}},
            {14, 14, 64}),
       Case("Depthwise3x3x64",
            {.input_channels = 64,
             .output_channels = 64,
             .window = {.kernel = {3, 3}, .padding = {1, 1}},
             .groups = 64},
            {14, 14, 64}),
       Case("FourGroups3x3x64",
            {.input_channels = 64,
             .output_channels = 64,
             .window = {.kernel = {3, 3}, .padding = {1, 1}},
             .groups = 4},
            {14, 14, 64}),
       Case("Strided",
            {.input_channels = 32,
             .output_channels = 64,
             .window = {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}},
            {28, 28, 32}),
       FilterGradientCase(32, 16), FilterGradientCase(16, 32),
       FilterGradientCase(8, 64), FilterGradientCase(14, 32),
       FilterGradientCase(14, 64, /*kernel=*/1)},
      argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
