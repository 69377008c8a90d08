// Parts of a data set.

#ifndef LENSLET_DATA_SPLIT_H_
#define LENSLET_DATA_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// How many examples each class has, in the order of the classes' names.
std::vector<int64_t> ClassCounts(const Dataset& dataset);

// The examples at `indices`, in that order, with the classes and the
// normalization of all. Errors: ResourceExhausted. Aborts if an index is not in
// [0, dataset.size()).
absl::StatusOr<Dataset> SelectExamples(const Dataset& dataset,
                                       absl::Span<const int64_t> indices);

// The first `count` examples, or all if there are no more; `count` >= 0. Of 0,
// the shape and the classes are left. Errors: ResourceExhausted.
absl::StatusOr<Dataset> FirstExamples(Dataset dataset, int64_t count);

struct TrainAndValidation {
  Dataset train;
  Dataset validation;
};

// Sets a share of the examples apart: of a class with n examples,
// round(fraction * n), but at least one stays to train with. Which ones is
// drawn from `seed`, the same on every machine. Both parts keep the order.
// Errors: InvalidArgument for a fraction that is not in [0, 1),
// ResourceExhausted.
absl::StatusOr<TrainAndValidation> SplitOff(Dataset dataset, double fraction,
                                            uint64_t seed);

}  // namespace lenslet

#endif  // LENSLET_DATA_SPLIT_H_
