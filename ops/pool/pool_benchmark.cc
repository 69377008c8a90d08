// The speed of pooling: ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <string>

#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/testing/kernel_benchmark.h"

namespace lenslet {
namespace {

KernelBenchmark Case(const std::string& name, const PoolSpec& spec,
                     const Shape& image) {
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakePoolKernel(backend, spec, image, images);
              },
          .input = image,
          .output = *OutputShape(spec, image),
          .cost = *ComputeCost(spec, image)};
}

int Main(int argc, char** argv) {
  const PoolSpec average = {.kind = PoolKind::kAverage,
                            .window = {.kernel = {2, 2}}};
  const PoolSpec max = {.kind = PoolKind::kMax, .window = {.kernel = {2, 2}}};
  const PoolSpec overlapping = {
      .kind = PoolKind::kMax,
      .window = {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}};
  return RunKernelBenchmarks(
      {Case("LeNetFirstAverage", average, {28, 28, 6}),
       Case("LeNetFirstMax", max, {28, 28, 6}),
       Case("LeNetSecondAverage", average, {10, 10, 16}),
       Case("LeNetSecondMax", max, {10, 10, 16}),
       Case("OverlappingMax", overlapping, {28, 28, 32})},
      argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
