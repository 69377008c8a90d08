// Class weights for data sets with unequal numbers of examples per class.

#ifndef LENSLET_TRAIN_CLASS_WEIGHTS_H_
#define LENSLET_TRAIN_CLASS_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace lenslet {

// Returns weights for LossSpec::class_weights (ops/loss/loss_spec.h) that give
// all K classes the same influence. The mean weight of an example is 1:
//
//   w[k] = n / (K * n[k])
//
// where n[k] is the number of examples of class k and n is their sum; of maps,
// the numbers of positions (ClassCounts(), data/split.h). Source:
// King and Zeng, "Logistic Regression in Rare Events Data" (2001);
// scikit-learn's class_weight "balanced". Errors: InvalidArgument, naming the
// class, if a class has no examples; also if there are no classes.
absl::StatusOr<std::vector<float>> BalancedClassWeights(
    absl::Span<const int64_t> counts);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_CLASS_WEIGHTS_H_
