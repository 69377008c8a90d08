// The speed of the linear operator: ops/testing/kernel_benchmark.h.

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

// Called "400x120".
KernelBenchmark Case(int64_t inputs, int64_t outputs) {
  const LinearSpec spec = {.input_features = inputs,
                           .output_features = outputs};
  const Shape image = {inputs};
  return {.name = absl::StrCat(inputs, "x", outputs),
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakeLinearKernel(backend, spec, image, images);
              },
          .input = image,
          .output = *OutputShape(spec, image),
          .parameters = {*WeightShape(spec), Shape({outputs})},
          .cost = *ComputeCost(spec, image)};
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  using lenslet::Case;
  return lenslet::RunKernelBenchmarks(
      {Case(400, 120), Case(120, 84), Case(84, 10), Case(1024, 1024)}, argc,
      argv);
}
