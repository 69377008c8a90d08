// Parts of a data set.

#ifndef LENSLET_DATA_SPLIT_H_
#define LENSLET_DATA_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns the number of examples of each class, in the order of the names; of
// maps, the number of positions, without ignored ones. Empty if the targets are
// not classes. Errors: InvalidArgument for a class without a name; those of
// reading them.
absl::StatusOr<std::vector<int64_t>> ClassCounts(const Dataset& dataset);

// Returns the examples at `indices`, in that order, with the names and the
// normalization of `dataset`. Shares its examples: nothing is copied. Aborts if
// an index is not in [0, dataset.size()).
Dataset SelectExamples(const Dataset& dataset, std::vector<int64_t> indices);

// Returns the first `count` examples, or all if there are fewer. `count` >= 0.
// With 0, the result keeps the shape and the names.
Dataset FirstExamples(const Dataset& dataset, int64_t count);

struct TrainAndValidation {
  Dataset train;
  Dataset validation;
};

// Moves a random part of the examples to the validation set, or to a test set:
// what it is used for is the caller's choice. A class with n examples gives up
// round(fraction * n), but keeps at least one for training; if all classes are
// so small that none gives up any, round(fraction * all examples) of them give
// up one, the largest first. Labels keep their
// shares in both parts (ChooseByLabels(), data/strata.h), and so do the bins of
// the first value (ChooseByValue()). Examples whose targets have more
// dimensions count as one class. The selection depends on `seed` and is the
// same on every machine. Both parts keep the order of the examples. Errors:
// InvalidArgument if `fraction` is not in [0, 1); those of ClassCounts().
absl::StatusOr<TrainAndValidation> SplitOff(const Dataset& dataset,
                                            double fraction, uint64_t seed);

}  // namespace lenslet

#endif  // LENSLET_DATA_SPLIT_H_
