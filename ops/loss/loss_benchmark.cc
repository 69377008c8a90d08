// The speed of the losses, with the gradient ("training") and without
// ("inference"): ops/testing/kernel_benchmark.h.

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/ops/testing/kernel_benchmark.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

struct NamedLoss {
  std::string name;
  LossSpec spec;
  TargetKind target = TargetKind::kClasses;
};

template <typename... Specs>
std::vector<LossKind> Defaults(std::type_identity<std::variant<Specs...>>) {
  return {Specs()...};
}

std::vector<NamedLoss> Losses(int64_t outputs) {
  std::vector<NamedLoss> losses = {
      {"smoothed_cross_entropy",
       {.kind = CrossEntropySpec{.label_smoothing = 0.1}}},
      {"smoothed_weighted_cross_entropy",
       {.kind = CrossEntropySpec{.label_smoothing = 0.1},
        .class_weights = std::vector<float>(outputs, 0.5f)}},
      {"weighted_cross_entropy",
       {.class_weights = std::vector<float>(outputs, 0.5f)}},
  };
  for (const LossKind& kind : Defaults(std::type_identity<LossKind>())) {
    const std::string name(Name(kind));
    if (Takes(kind, TargetKind::kClasses)) {
      losses.push_back({name, {.kind = kind}});
    }
    if (Takes(kind, TargetKind::kValues)) {
      losses.push_back({absl::StrCat(name, "_of_values"),
                        {.kind = kind},
                        TargetKind::kValues});
    }
  }
  return losses;
}

absl::StatusOr<std::unique_ptr<LossKernel>> Make(Backend backend,
                                                 const NamedLoss& loss,
                                                 int64_t outputs) {
  return MakeLossKernel(backend, loss.spec, {outputs}, kBenchmarkImages,
                        loss.target);
}

void Run(Backend backend, const NamedLoss& named, int64_t outputs,
         bool training, benchmark::State& state) {
  const std::unique_ptr<LossKernel> loss = *Make(backend, named, outputs);
  const Shape block = {RoomForImages(loss->layout(), kBenchmarkImages),
                       outputs};
  Tensor x(block);
  Tensor dx(block);
  Tensor values(block);
  std::vector<int32_t> labels;
  std::vector<float> losses(kBenchmarkImages);
  Random random(/*seed=*/0);
  FillUniform(-1, 1, random, x.span());
  FillUniform(0, 1, random, values.span());
  for (int64_t i = 0; i < kBenchmarkImages; ++i) {
    labels.push_back(static_cast<int32_t>(random.Below(outputs)));
  }
  LossTargets targets = {.classes = labels.data()};
  if (named.target == TargetKind::kValues) targets = {.values = values.data()};
  for (auto _ : state) {
    loss->Run(kBenchmarkImages, x.data(), targets, /*scale=*/1, losses.data(),
              training ? dx.data() : nullptr);
  }
  SetCounters("elements", outputs, state);
}

int Main(int argc, char** argv) {
  for (Backend backend : kBackends) {
    for (int64_t outputs : {10, 1000}) {
      for (const NamedLoss& loss : Losses(outputs)) {
        if (!Make(backend, loss, outputs).ok()) continue;
        for (bool training : {false, true}) {
          benchmark::RegisterBenchmark(
              BenchmarkName(backend, absl::StrCat(loss.name, "_", outputs),
                            training ? "training" : "inference")
                  .c_str(),
              [=](benchmark::State& state) {
                Run(backend, loss, outputs, training, state);
              });
        }
      }
    }
  }
  return RunBenchmarks(argc, argv);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
