// The speed of the loss, with its gradient ("training") and without
// ("inference"): ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "benchmark/benchmark.h"
#include "ops/softmax_cross_entropy/softmax_cross_entropy.h"
#include "ops/testing/kernel_benchmark.h"
#include "tensor/fill.h"
#include "tensor/lanes.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

absl::StatusOr<std::unique_ptr<SoftmaxCrossEntropy>> Make(Backend backend,
                                                          int64_t classes) {
  return MakeSoftmaxCrossEntropy(backend, {.classes = classes}, {classes},
                                 kBenchmarkImages);
}

void Run(Backend backend, int64_t classes, bool training,
         benchmark::State& state) {
  const std::unique_ptr<SoftmaxCrossEntropy> loss = *Make(backend, classes);
  const Shape block = {RoomForImages(loss->layout(), kBenchmarkImages),
                       classes};
  Tensor x(block);
  Tensor dx(block);
  std::vector<int32_t> labels;
  std::vector<float> losses(kBenchmarkImages);
  Random random(/*seed=*/0);
  FillUniform(-1, 1, random, x.span());
  for (int64_t i = 0; i < kBenchmarkImages; ++i) {
    labels.push_back(static_cast<int32_t>(random.Below(classes)));
  }
  for (auto _ : state) {
    loss->Run(kBenchmarkImages, x.data(), labels.data(), /*scale=*/1,
              losses.data(), training ? dx.data() : nullptr);
  }
  SetCounters("elements", classes, state);
}

int Main(int argc, char** argv) {
  for (Backend backend : kBackends) {
    for (int64_t classes : {10, 1000}) {
      if (!Make(backend, classes).ok()) continue;
      for (bool training : {false, true}) {
        benchmark::RegisterBenchmark(
            BenchmarkName(backend, absl::StrCat(classes),
                          training ? "training" : "inference")
                .c_str(),
            [=](benchmark::State& state) {
              Run(backend, classes, training, state);
            });
      }
    }
  }
  return RunBenchmarks(argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
