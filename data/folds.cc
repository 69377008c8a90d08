#include "lenslet/data/folds.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples.h"

namespace lenslet {
namespace {

// Apart from those of other choices with the same seed (data/split.cc,
// data/batches.h).
constexpr uint64_t kFirstFoldStream = uint64_t{3} << 40;

// Of each example, its fold, counted from 0.
absl::StatusOr<std::vector<int64_t>> DealToFolds(const Dataset& dataset,
                                                 int64_t folds, uint64_t seed) {
  std::vector<int32_t> classes(dataset.size());
  if (dataset.examples->target() == TargetSpec()) {
    LENSLET_ASSIGN_OR_RETURN(classes, dataset.Classes());
  }
  std::map<int32_t, std::vector<int64_t>> by_class;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    by_class[classes[i]].push_back(i);
  }
  std::vector<int64_t> fold_of(dataset.size());
  int64_t next = 0;
  for (auto& [c, examples] : by_class) {
    Random random(seed, kFirstFoldStream + static_cast<uint64_t>(c));
    for (int64_t i = static_cast<int64_t>(examples.size()) - 1; i > 0; --i) {
      std::swap(examples[i], examples[random.Below(i + 1)]);
    }
    for (const int64_t example : examples) {
      fold_of[example] = next;
      next = (next + 1) % folds;
    }
  }
  return fold_of;
}

}  // namespace

absl::StatusOr<TrainAndValidation> FoldOf(const Dataset& dataset,
                                          int64_t number, int64_t folds,
                                          uint64_t seed) {
  if (folds < 2 || folds > dataset.size()) {
    return BadValue("fold.of", folds,
                    absl::StrCat("a number in [2, ", dataset.size(),
                                 "], the number of examples"));
  }
  if (number < 1 || number > folds) {
    return BadValue("fold.number", number,
                    absl::StrCat("a number in [1, ", folds, "]"));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> fold_of,
                           DealToFolds(dataset, folds, seed));
  std::vector<int64_t> train, validation;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    (fold_of[i] == number - 1 ? validation : train).push_back(i);
  }
  return TrainAndValidation{
      .train = SelectExamples(dataset, std::move(train)),
      .validation = SelectExamples(dataset, std::move(validation))};
}

}  // namespace lenslet
