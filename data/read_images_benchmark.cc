// The speed of reading blocks of 16 images, in an epoch's random order, from a
// data set of Fashion-MNIST's size. Counters: "elements" are pixels in a
// second, "image" is seconds for one image.

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "base/random.h"
#include "benchmark/benchmark.h"
#include "data/batches.h"
#include "data/dataset.h"
#include "data/lane_images.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kBlock = 16;
constexpr int64_t kImages = 60000;

void Run(void (*read)(const Dataset& dataset, absl::Span<const int64_t> indices,
                      float* out),
         benchmark::State& state) {
  Dataset dataset;
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

void Images(benchmark::State& state) { Run(CopyImages, state); }
void Lanes(benchmark::State& state) { Run(CopyImagesToLanes, state); }

BENCHMARK(Images);
BENCHMARK(Lanes);

}  // namespace
}  // namespace lenslet
