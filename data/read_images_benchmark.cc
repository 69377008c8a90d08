// The speed of reading blocks of 16 images, in an epoch's random order, from a
// data set of Fashion-MNIST's size. Counters: "elements" are pixels in a
// second, "image" is seconds for one image.

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "benchmark/benchmark.h"
#include "lenslet/base/random.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/lane_images.h"
#include "lenslet/data/normalization.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kBlock = 16;
constexpr int64_t kImages = 60000;

void Run(absl::FunctionRef<void(const Dataset& dataset,
                                absl::Span<const int64_t> indices, float* out)>
             read,
         const Normalization& normalization, benchmark::State& state) {
  Dataset dataset;
  dataset.normalization = normalization;
  dataset.images = Tensor({kImages, 28, 28, 1}, ElementType::kUint8);
  Random random(/*seed=*/0);
  for (uint8_t& pixel : dataset.images.span<uint8_t>()) {
    pixel = static_cast<uint8_t>(random.Bits());
  }
  const Batches blocks(ShuffledIndices(kImages, /*seed=*/0, /*epoch=*/0),
                       kBlock);
  Tensor out({kBlock, 28, 28, 1});
  int64_t block = 0;
  for (auto _ : state) {
    read(dataset, blocks.batch(block), out.data());
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
      [&](const Dataset& dataset, absl::Span<const int64_t> indices,
          float* out) {
        augmenter->CopyImages(dataset, indices, ++seed, Layout::kLanes, out);
      },
      {}, state);
}

void Images(benchmark::State& state) { Run(CopyImages, {}, state); }
void Lanes(benchmark::State& state) { Run(CopyImagesToLanes, {}, state); }
void NormalizedImages(benchmark::State& state) {
  Run(CopyImages, FashionMnists(), state);
}
void NormalizedLanes(benchmark::State& state) {
  Run(CopyImagesToLanes, FashionMnists(), state);
}
void ShiftFlipCutout(benchmark::State& state) {
  RunAugmented({.shift = 2, .flip = true, .cutout = 8}, state);
}
void Rotation(benchmark::State& state) {
  RunAugmented({.rotation = 15}, state);
}
void Noise(benchmark::State& state) { RunAugmented({.noise = 0.1}, state); }
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
BENCHMARK(Everything);

}  // namespace
}  // namespace lenslet
