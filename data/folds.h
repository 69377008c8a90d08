// The folds of a data set, for cross-validation.
//
// Each class is shuffled, and its examples are dealt to the folds in turn. The
// next class goes on at the fold where the one before ended. So folds have the
// same number of examples up to 1, and of each class the same number up to 1.
//
// Source: Kohavi, "A study of cross-validation and bootstrap for accuracy
// estimation and model selection", 1995 (stratified cross-validation).

#ifndef LENSLET_DATA_FOLDS_H_
#define LENSLET_DATA_FOLDS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/split.h"

namespace lenslet {

// Returns fold `number`, in [1, folds], as validation examples, and all others
// as training examples. The folds depend on `seed` and are the same on every
// machine. Examples without a class count as one class. Both parts keep the
// order of the examples. Errors: InvalidArgument if `folds` is not in [2,
// dataset.size()], if `number` is out of its range; those of reading the
// classes.
absl::StatusOr<TrainAndValidation> FoldOf(const Dataset& dataset,
                                          int64_t number, int64_t folds,
                                          uint64_t seed);

}  // namespace lenslet

#endif  // LENSLET_DATA_FOLDS_H_
