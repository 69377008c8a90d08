#include "lenslet/train/class_weights.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace lenslet {

absl::StatusOr<std::vector<float>> BalancedClassWeights(
    absl::Span<const int64_t> counts) {
  if (counts.empty()) {
    return absl::InvalidArgumentError(
        "the number of classes is 0; expected at least 1 for balanced class "
        "weights");
  }
  double examples = 0;
  for (size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] < 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "class ", k, " has ", counts[k],
          " examples; expected at least 1 for balanced class weights"));
    }
    examples += static_cast<double>(counts[k]);
  }
  const double share = examples / static_cast<double>(counts.size());
  std::vector<float> weights;
  for (int64_t count : counts) {
    weights.push_back(static_cast<float>(share / static_cast<double>(count)));
  }
  return weights;
}

}  // namespace lenslet
