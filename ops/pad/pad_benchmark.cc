// The speed of padding: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const PadSpec& spec,
                     const Shape& image) {
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakePadKernel(backend, spec, image, images);
              },
          .input = image,
          .output = *OutputShape(spec, image),
          .cost = *ComputeCost(spec, image)};
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks(
      {Case("Zero", {.padding = {2, 2}}, {28, 28, 6}),
       Case("Reflect", {.mode = PaddingMode::kReflect, .padding = {2, 2}},
            {28, 28, 6}),
       Case("Replicate", {.mode = PaddingMode::kReplicate, .padding = {2, 2}},
            {28, 28, 6})},
      argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
