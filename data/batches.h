// The input of a training step: the order of the examples in an epoch, the
// batches, and their inputs as numbers.

#ifndef LENSLET_DATA_BATCHES_H_
#define LENSLET_DATA_BATCHES_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// Returns a uniformly random permutation of 0 .. size - 1. It depends only on
// `seed` and `epoch`, and is the same on every machine. `size` >= 0.
std::vector<int64_t> ShuffledIndices(int64_t size, uint64_t seed,
                                     int64_t epoch);

// Permutes the indices: all orders are equally likely.
void Shuffle(absl::Span<int64_t> indices, Random& random);

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

// Copies the inputs of a batch, which has been read from `dataset`, to `out` in
// the given layout (tensor/lanes.h), normalized with the data set's
// normalization (data/normalization.h). `out` has room for
// RoomForImages(layout, batch.inputs().size()) inputs. Missing examples of the
// last group are zeros. Thread-safe if each call has a separate `out`.
void CopyInputs(const Dataset& dataset, const ExampleBatch& batch,
                Layout layout, float* out);

// Reads the inputs at `indices` and copies them to `out` in the same way. For
// single calls: allocates. Errors: those of reading them; ResourceExhausted.
absl::Status ReadInputs(const Dataset& dataset,
                        absl::Span<const int64_t> indices, Layout layout,
                        float* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_BATCHES_H_
