// What a training step reads: the order of an epoch's images, the batches that
// it is cut into, and their pixels and labels as numbers.

#ifndef LENSLET_DATA_BATCHES_H_
#define LENSLET_DATA_BATCHES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns 0 to size - 1 in an order that every ordering is equally likely to
// be: the same on every machine for the same seed and epoch, another one for
// another. `size` >= 0.
std::vector<int64_t> ShuffledIndices(int64_t size, uint64_t seed,
                                     int64_t epoch);

// Cuts a list of indices into batches, in order. All of them have `batch_size`
// indices but the last, which has the rest.
class Batches {
 public:
  // `batch_size` >= 1.
  Batches(std::vector<int64_t> indices, int64_t batch_size);

  int64_t count() const;

  // `i` in [0, count()). Valid until this is destroyed or assigned to.
  absl::Span<const int64_t> batch(int64_t i) const;

 private:
  std::vector<int64_t> indices_;
  int64_t batch_size_;
};

// All may be called by several threads at once, each with an `out` of its own;
// they abort if an index is not in [0, dataset.size()).

// Puts the images at `indices` into `out`, one after the other, each in its
// [height, width, channels] order, by NormalizePixels() with the data set's
// normalization. `out` has indices.size() * dataset.image_shape().elements()
// elements.
void CopyImages(const Dataset& dataset, absl::Span<const int64_t> indices,
                float* out);

// Puts the labels at `indices` into `out`, which has indices.size() elements.
void CopyLabels(const Dataset& dataset, absl::Span<const int64_t> indices,
                int32_t* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_BATCHES_H_
