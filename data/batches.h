// The input of a training step: the order of the images in an epoch, the
// batches, and their pixels and labels as numbers.

#ifndef LENSLET_DATA_BATCHES_H_
#define LENSLET_DATA_BATCHES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns a uniformly random permutation of 0 .. size - 1. It depends only on
// `seed` and `epoch`, and is the same on every machine. `size` >= 0.
std::vector<int64_t> ShuffledIndices(int64_t size, uint64_t seed,
                                     int64_t epoch);

// Divides a list of indices into batches, in order. Each batch has `batch_size`
// indices, except that the last one has the remainder.
class Batches {
 public:
  // `batch_size` >= 1.
  Batches(std::vector<int64_t> indices, int64_t batch_size);

  int64_t count() const;

  // `i` in [0, count()). The span is valid until this object is destroyed or
  // assigned to.
  absl::Span<const int64_t> batch(int64_t i) const;

 private:
  std::vector<int64_t> indices_;
  int64_t batch_size_;
};

// Both functions are thread-safe if each call has a separate `out`. They abort
// if an index is not in [0, dataset.size()).

// Copies the images at `indices` to `out`, one after the other, each in
// [height, width, channels] order. Normalizes them with NormalizePixels() and
// the data set's normalization. `out` has indices.size() *
// dataset.image_shape().elements() elements.
void CopyImages(const Dataset& dataset, absl::Span<const int64_t> indices,
                float* out);

// Copies the labels at `indices` to `out`, which has indices.size() elements.
void CopyLabels(const Dataset& dataset, absl::Span<const int64_t> indices,
                int32_t* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_BATCHES_H_
