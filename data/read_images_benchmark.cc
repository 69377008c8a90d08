// The speed of reading blocks of 16 images, in an epoch's random order, from a
// data set of Fashion-MNIST's size. Counters: "elements" are pixels in a
// second, "image" is seconds for one image.

#include <cstdint>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "benchmark/benchmark.h"
#include "lenslet/base/random.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/normalization.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kBlock = 16;
constexpr int64_t kImages = 60000;

void Run(absl::FunctionRef<void(const Dataset& dataset,
                                const ExampleBatch& batch, float* out)>
             copy,
         const Normalization& normalization, benchmark::State& state) {
  ExampleArrays arrays = {
      .inputs = Tensor({kImages, 28, 28, 1}, ElementType::kUint8),
      .targets = Tensor({kImages}, ElementType::kUint8)};
  Random random(/*seed=*/0);
  for (uint8_t& pixel : arrays.inputs.span<uint8_t>()) {
    pixel = static_cast<uint8_t>(random.Bits());
  }
  const Dataset dataset =
      MakeDataset(std::move(arrays), {"class"}, normalization).value();
  const Batches blocks(ShuffledIndices(kImages, /*seed=*/0, /*epoch=*/0),
                       kBlock);
  Tensor out({kBlock, 28, 28, 1});
  ExampleBatch batch;
  int64_t block = 0;
  for (auto _ : state) {
    batch.ReadInputs(*dataset.examples, blocks.batch(block)).IgnoreError();
    copy(dataset, batch, out.data());
    if (++block == blocks.count()) block = 0;
  }
  using benchmark::Counter;
  const int64_t pixels = out.shape().elements();
  state.counters["elements"] =
      Counter(static_cast<double>(pixels), Counter::kIsIterationInvariantRate);
  state.counters["image"] =
      Counter(static_cast<double>(kBlock),
              Counter::kIsIterationInvariantRate | Counter::kInvert);
}

const Normalization& FashionMnists() {
  static const auto& normalization =
      *new Normalization{.mean = {0.286f}, .deviation = {0.353f}};
  return normalization;
}

void RunAugmented(const AugmentationSpec& spec, benchmark::State& state) {
  const auto augmenter = *Augmenter::Create(spec, {28, 28, 1});
  uint64_t seed = 0;
  Run(
      [&](const Dataset& dataset, const ExampleBatch& batch, float* out) {
        augmenter->CopyInputs(dataset, batch, ++seed, Layout::kLanes, out);
      },
      {}, state);
}

void RunCopy(Layout layout, const Normalization& normalization,
             benchmark::State& state) {
  Run([&](const Dataset& dataset, const ExampleBatch& batch,
          float* out) { CopyInputs(dataset, batch, layout, out); },
      normalization, state);
}

void Images(benchmark::State& state) { RunCopy(Layout::kImages, {}, state); }
void Lanes(benchmark::State& state) { RunCopy(Layout::kLanes, {}, state); }
void NormalizedImages(benchmark::State& state) {
  RunCopy(Layout::kImages, FashionMnists(), state);
}
void NormalizedLanes(benchmark::State& state) {
  RunCopy(Layout::kLanes, FashionMnists(), state);
}
void ShiftFlipCutout(benchmark::State& state) {
  RunAugmented({.shift = 2, .flip = true, .cutout = 8}, state);
}
void Rotation(benchmark::State& state) {
  RunAugmented({.rotation = 15}, state);
}
void Noise(benchmark::State& state) { RunAugmented({.noise = 0.1}, state); }
void Crop(benchmark::State& state) {
  RunAugmented({.rotation = 15, .crop_area = 0.5, .scale = 0.1}, state);
}
void Colors(benchmark::State& state) {
  RunAugmented({.brightness = 0.2, .contrast = 0.2}, state);
}
void Erasing(benchmark::State& state) { RunAugmented({.erasing = 1}, state); }
void Mixup(benchmark::State& state) { RunAugmented({.mixup = 0.2}, state); }
void Cutmix(benchmark::State& state) { RunAugmented({.cutmix = 1}, state); }
void Everything(benchmark::State& state) {
  RunAugmented(
      {.rotation = 15, .shift = 2, .flip = true, .cutout = 8, .noise = 0.1},
      state);
}

BENCHMARK(Images);
BENCHMARK(Lanes);
BENCHMARK(NormalizedImages);
BENCHMARK(NormalizedLanes);
BENCHMARK(ShiftFlipCutout);
BENCHMARK(Rotation);
BENCHMARK(Noise);
BENCHMARK(Crop);
BENCHMARK(Colors);
BENCHMARK(Erasing);
BENCHMARK(Mixup);
BENCHMARK(Cutmix);
BENCHMARK(Everything);

}  // namespace
}  // namespace lenslet
