// Parts of a data set.

#ifndef LENSLET_DATA_SPLIT_H_
#define LENSLET_DATA_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns the number of examples of each class, in the order of class_names.
std::vector<int64_t> ClassCounts(const Dataset& dataset);

// Returns the examples at `indices`, in that order, with the class names and
// the normalization of `dataset`. Errors: ResourceExhausted. Aborts if an index
// is not in [0, dataset.size()).
absl::StatusOr<Dataset> SelectExamples(const Dataset& dataset,
                                       absl::Span<const int64_t> indices);

// Returns the first `count` examples, or all if there are fewer. `count` >= 0.
// With 0, the result keeps the shape and the classes. Errors:
// ResourceExhausted.
absl::StatusOr<Dataset> FirstExamples(Dataset dataset, int64_t count);

struct TrainAndValidation {
  Dataset train;
  Dataset validation;
};

// Moves a random part of the examples to the validation set, or to a test set:
// what it is used for is the caller's choice. A class with n
// examples gives up round(fraction * n), but keeps at least one for training.
// The selection depends on `seed` and is the same on every machine. Both parts
// keep the order of the examples. Errors: InvalidArgument if `fraction` is not
// in [0, 1); ResourceExhausted.
absl::StatusOr<TrainAndValidation> SplitOff(Dataset dataset, double fraction,
                                            uint64_t seed);

}  // namespace lenslet

#endif  // LENSLET_DATA_SPLIT_H_
