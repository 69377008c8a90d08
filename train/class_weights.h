// Weights for classes of which a data set has unequal numbers.

#ifndef LENSLET_TRAIN_CLASS_WEIGHTS_H_
#define LENSLET_TRAIN_CLASS_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace lenslet {

// The weights, for LossSpec::class_weights (ops/loss/loss_spec.h), with which
// all K classes count the same and the mean weight of an example is 1:
//
//   w[k] = n / (K * n[k])
//
// for counts n[k] of examples, n in all. Source: King and Zeng, "Logistic
// Regression in Rare Events Data" (2001); scikit-learn's class_weight
// "balanced". Errors: InvalidArgument, naming the class, for a class without
// examples, and for no class at all.
absl::StatusOr<std::vector<float>> BalancedClassWeights(
    absl::Span<const int64_t> counts);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_CLASS_WEIGHTS_H_
