// The speed of layer normalization: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "lenslet/ops/layer_norm/layer_norm.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const LayerNormSpec& spec,
                     const Shape& image) {
  const Shape features = *FeatureShape(spec, image);
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t) {
                return MakeLayerNormKernel(backend, spec, image);
              },
          .input = image,
          .output = image,
          .parameters = {features, features},
          .cost = *ComputeCost(spec, image)};
}

int Main(int argc, char** argv) {
  return RunKernelBenchmarks({Case("Channels", {}, {14, 14, 64}),
                              Case("WholeImage", {.axis = 0}, {14, 14, 64}),
                              Case("Vector", {}, {120})},
                             argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
