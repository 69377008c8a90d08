#include "lenslet/data/batches.h"

#include <algorithm>
#include <utility>

#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/lane_images.h"
#include "lenslet/data/normalization.h"

namespace lenslet {
namespace {

// Apart from the streams that others draw from with the same seed, which count
// from zero.
constexpr uint64_t kFirstShuffleStream = uint64_t{1} << 62;

}  // namespace

// Fisher and Yates, as Durstenfeld programmed it.
void Shuffle(absl::Span<int64_t> indices, Random& random) {
  for (int64_t i = static_cast<int64_t>(indices.size()) - 1; i > 0; --i) {
    std::swap(indices[i], indices[random.Below(i + 1)]);
  }
}

std::vector<int64_t> ShuffledIndices(int64_t size, uint64_t seed,
                                     int64_t epoch) {
  LENSLET_CHECK(size >= 0);
  std::vector<int64_t> indices = AllIndices(size);
  Random random(seed, kFirstShuffleStream + static_cast<uint64_t>(epoch));
  Shuffle(absl::MakeSpan(indices), random);
  return indices;
}

Batches::Batches(std::vector<int64_t> indices, int64_t batch_size)
    : indices_(std::move(indices)), batch_size_(batch_size) {
  LENSLET_CHECK(batch_size >= 1);
}

int64_t Batches::count() const {
  const int64_t size = indices_.size();
  return size / batch_size_ + (size % batch_size_ != 0);
}

absl::Span<const int64_t> Batches::batch(int64_t i) const {
  LENSLET_CHECK(i >= 0 && i < count());
  return absl::MakeConstSpan(indices_).subspan(i * batch_size_, batch_size_);
}

void CopyInputs(const Dataset& dataset, const ExampleBatch& batch,
                Layout layout, float* out) {
  const int64_t elements = dataset.example_shape().elements();
  const int64_t channels = dataset.channels();
  const int64_t count = batch.inputs().size();
  const bool is_bytes = dataset.examples->type() == ElementType::kUint8;
  if (layout == Layout::kImages) {
    for (const void* input : batch.inputs()) {
      if (is_bytes) {
        NormalizePixels(
            absl::MakeConstSpan(static_cast<const uint8_t*>(input), elements),
            channels, dataset.normalization, out);
      } else {
        NormalizeNumbers(
            absl::MakeConstSpan(static_cast<const float*>(input), elements),
            channels, dataset.normalization, out);
      }
      out += elements;
    }
    return;
  }
  for (int64_t first = 0; first < count; first += kLanes) {
    const auto group = batch.inputs().subspan(first, kLanes);
    if (is_bytes) {
      CopyGroupToLanes<uint8_t>(group, elements, channels,
                                dataset.normalization, out);
    } else {
      CopyGroupToLanes<float>(group, elements, channels, dataset.normalization,
                              out);
    }
    out += kLanes * elements;
  }
}

absl::Status ReadInputs(const Dataset& dataset,
                        absl::Span<const int64_t> indices, Layout layout,
                        float* out) {
  ExampleBatch batch;
  LENSLET_RETURN_IF_ERROR(batch.ReadInputs(*dataset.examples, indices));
  CopyInputs(dataset, batch, layout, out);
  return absl::OkStatus();
}

}  // namespace lenslet
