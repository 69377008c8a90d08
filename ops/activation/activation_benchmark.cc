// The speed of activations: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

// Called "sigmoid/28x28x6" and so on.
KernelBenchmark Case(ActivationKind kind, const std::string& size,
                     const Shape& image) {
  const ActivationSpec spec = {.kind = kind};
  return {.name = absl::StrCat(Name(kind), "/", size),
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakeActivationKernel(backend, spec, image, images);
              },
          .input = image,
          .output = image,
          .cost = *ComputeCost(spec, image)};
}

int Main(int argc, char** argv) {
  std::vector<KernelBenchmark> cases;
  for (ActivationKind kind : kActivationKinds) {
    cases.push_back(Case(kind, "28x28x6", {28, 28, 6}));
    cases.push_back(Case(kind, "10x10x16", {10, 10, 16}));
    cases.push_back(Case(kind, "120", {120}));
  }
  return RunKernelBenchmarks(cases, argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
