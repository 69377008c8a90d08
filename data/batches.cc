#include "lenslet/data/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/data/normalization.h"

namespace lenslet {
namespace {

// Apart from the streams that others draw from with the same seed, which count
// from zero.
constexpr uint64_t kFirstShuffleStream = uint64_t{1} << 62;

}  // namespace

std::vector<int64_t> ShuffledIndices(int64_t size, uint64_t seed,
                                     int64_t epoch) {
  LENSLET_CHECK(size >= 0);
  std::vector<int64_t> indices(size);
  std::iota(indices.begin(), indices.end(), 0);
  // Fisher and Yates, as Durstenfeld programmed it.
  Random random(seed, kFirstShuffleStream + static_cast<uint64_t>(epoch));
  for (int64_t i = size - 1; i > 0; --i) {
    std::swap(indices[i], indices[random.Below(i + 1)]);
  }
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

void CopyImages(const Dataset& dataset, absl::Span<const int64_t> indices,
                float* out) {
  const uint8_t* images = dataset.images.data<uint8_t>();
  const int64_t elements = dataset.images.shape().inner_elements();
  for (int64_t index : indices) {
    LENSLET_CHECK(index >= 0 && index < dataset.size());
    NormalizePixels(absl::MakeConstSpan(images + index * elements, elements),
                    dataset.channels(), dataset.normalization, out);
    out += elements;
  }
}

void CopyLabels(const Dataset& dataset, absl::Span<const int64_t> indices,
                int32_t* out) {
  const uint8_t* labels = dataset.labels.data<uint8_t>();
  for (int64_t index : indices) {
    LENSLET_CHECK(index >= 0 && index < dataset.size());
    *out++ = labels[index];
  }
}

}  // namespace lenslet
