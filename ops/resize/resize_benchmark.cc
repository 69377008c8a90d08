// The speed of resizing: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "lenslet/ops/resize/resize.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const ResizeSpec& spec,
                     const Shape& image) {
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t) {
                return MakeResizeKernel(backend, spec, image);
              },
          .input = image,
          .output = *OutputShape(spec, image),
          .cost = *ComputeCost(spec, image)};
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks(
      {Case("NearestTwice", {.scale = {2}}, {14, 14, 16}),
       Case("LinearTwice", {.mode = ResizeMode::kLinear, .scale = {2}},
            {14, 14, 16}),
       Case("LinearHalf", {.mode = ResizeMode::kLinear, .scale = {0.5f}},
            {28, 28, 16})},
      argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
