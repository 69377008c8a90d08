#include "lenslet/data/split.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/strata.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// Apart from what else is drawn from the seed of a run.
constexpr uint64_t kFirstStream = uint64_t{1} << 59;

// Some of the examples of another source.
class SelectedExamples : public Examples {
 public:
  SelectedExamples(std::shared_ptr<const Examples> all,
                   std::vector<int64_t> indices)
      : all_(std::move(all)), indices_(std::move(indices)) {
    for (const int64_t index : indices_) {
      LENSLET_CHECK(index >= 0 && index < all_->size());
    }
  }

  int64_t size() const override { return indices_.size(); }
  Shape shape() const override { return all_->shape(); }
  ElementType type() const override { return all_->type(); }
  TargetSpec target() const override { return all_->target(); }
  bool keeps_inputs() const override { return all_->keeps_inputs(); }
  bool target_is_input() const override { return all_->target_is_input(); }

  int64_t bytes() const override {
    const double share =
        all_->size() == 0 ? 0 : static_cast<double>(size()) / all_->size();
    return std::llround(share * static_cast<double>(all_->bytes()));
  }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    return all_->ReadInputs(OfAll(indices), batch);
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    return all_->ReadTargets(OfAll(indices), batch);
  }

  // Without an order that would be faster, that of data in memory.
  std::vector<int64_t> EpochOrder(uint64_t seed, int64_t epoch) const override {
    if (keeps_inputs()) return Examples::EpochOrder(seed, epoch);
    const std::vector<int64_t> of_all = all_->EpochOrder(seed, epoch);
    if (of_all == all_->Examples::EpochOrder(seed, epoch)) {
      return Examples::EpochOrder(seed, epoch);
    }
    // Of each example, the first place where it is selected; and after each
    // place, the next of the same example. -1: none.
    std::vector<int64_t> first(all_->size(), -1);
    std::vector<int64_t> next(size());
    for (int64_t i = size() - 1; i >= 0; --i) {
      next[i] = std::exchange(first[indices_[i]], i);
    }
    std::vector<int64_t> order;
    order.reserve(indices_.size());
    for (const int64_t index : of_all) {
      for (int64_t i = first[index]; i >= 0; i = next[i]) order.push_back(i);
    }
    return order;
  }

  void WillRead(absl::Span<const int64_t> order) const override {
    if (!keeps_inputs()) all_->WillRead(OfAll(order));
  }

  absl::Status AddToDigest(absl::Span<const int64_t> indices,
                           Digest& digest) const override {
    return all_->AddToDigest(OfAll(indices), digest);
  }

 private:
  // As many as a block has need no allocation.
  absl::InlinedVector<int64_t, 64> OfAll(
      absl::Span<const int64_t> indices) const {
    absl::InlinedVector<int64_t, 64> of_all;
    of_all.reserve(indices.size());
    for (const int64_t index : indices) {
      LENSLET_CHECK(index >= 0 && index < size());
      of_all.push_back(indices_[index]);
    }
    return of_all;
  }

  const std::shared_ptr<const Examples> all_;
  const std::vector<int64_t> indices_;
};

absl::Status NoSuchClass(int64_t example, int32_t found, int64_t classes) {
  return absl::InvalidArgumentError(
      absl::StrCat("example ", example, " of the data set has class ", found,
                   "; expected a number in [0, ", classes - 1, "]"));
}

// The classes of all examples, each with a name.
absl::StatusOr<std::vector<int32_t>> NamedClasses(const Dataset& dataset) {
  LENSLET_ASSIGN_OR_RETURN(std::vector<int32_t> classes, dataset.Classes());
  const int64_t limit = static_cast<int64_t>(dataset.target_names.size());
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] < 0 || classes[i] >= limit) {
      return NoSuchClass(static_cast<int64_t>(i), classes[i], limit);
    }
  }
  return classes;
}

// Of classes with so few examples that each share rounds to none: wants one
// example of `count` classes, first of those with the most examples, which a
// shuffle orders.
void WantOneOfSome(absl::Span<const int64_t> sizes, int64_t count,
                   uint64_t seed, std::vector<int64_t>& wanted) {
  std::vector<int64_t> order =
      ShuffledIndices(static_cast<int64_t>(sizes.size()), seed, /*epoch=*/0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return sizes[a] > sizes[b]; });
  for (const int64_t c : order) {
    if (count == 0 || sizes[c] < 2) return;
    wanted[c] = 1;
    --count;
  }
}

// Chooses a part of each class.
absl::StatusOr<std::vector<bool>> ChooseByClass(const Dataset& dataset,
                                                double fraction,
                                                uint64_t seed) {
  std::vector<int32_t> strata(dataset.size());
  if (dataset.examples->target() == TargetSpec()) {
    LENSLET_ASSIGN_OR_RETURN(strata, NamedClasses(dataset));
  }
  // Of each class, how many are left to be looked at and to be taken.
  std::vector<int64_t> left;
  for (const int32_t c : strata) {
    if (c >= static_cast<int64_t>(left.size())) left.resize(c + 1);
    ++left[c];
  }
  std::vector<int64_t> wanted;
  std::vector<Random> randoms;
  int64_t all_wanted = 0;
  for (size_t c = 0; c < left.size(); ++c) {
    const int64_t share = std::llround(fraction * static_cast<double>(left[c]));
    wanted.push_back(
        std::clamp<int64_t>(share, 0, std::max<int64_t>(left[c] - 1, 0)));
    all_wanted += wanted.back();
    randoms.emplace_back(seed, kFirstStream + c);
  }
  if (all_wanted == 0) {
    WantOneOfSome(left,
                  std::llround(fraction * static_cast<double>(dataset.size())),
                  seed, wanted);
  }
  std::vector<bool> chosen(dataset.size());
  for (size_t i = 0; i < strata.size(); ++i) {
    const int32_t c = strata[i];
    // Selection sampling: every set of that many is equally likely.
    if (randoms[c].Below(left[c]--) >= wanted[c]) continue;
    --wanted[c];
    chosen[i] = true;
  }
  return chosen;
}

// The targets must be labels or rows of values.
absl::StatusOr<std::vector<bool>> ChooseByNumbers(const Dataset& dataset,
                                                  double fraction,
                                                  uint64_t seed) {
  constexpr int64_t kAtOnce = 1024;
  const TargetSpec target = dataset.examples->target();
  const int64_t numbers = target.shape.elements();
  std::vector<float> firsts;
  std::vector<std::vector<int32_t>> labels;
  ExampleBatch batch;
  for (int64_t first = 0; first < dataset.size(); first += kAtOnce) {
    std::vector<int64_t> indices(std::min(kAtOnce, dataset.size() - first));
    std::iota(indices.begin(), indices.end(), first);
    LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*dataset.examples, indices));
    for (size_t i = 0; i < indices.size(); ++i) {
      const float* of_example = batch.values().data() + i * numbers;
      if (target.kind == TargetKind::kValues) {
        firsts.push_back(*of_example);
        continue;
      }
      labels.emplace_back();
      for (int64_t l = 0; l < numbers; ++l) {
        if (of_example[l] >= 0.5f) {
          labels.back().push_back(static_cast<int32_t>(l));
        }
      }
    }
  }
  return target.kind == TargetKind::kValues
             ? ChooseByValue(firsts, fraction, seed)
             : ChooseByLabels(labels, numbers, fraction, seed);
}

absl::StatusOr<std::vector<bool>> Choose(const Dataset& dataset,
                                         double fraction, uint64_t seed) {
  const TargetSpec target = dataset.examples->target();
  const bool has_numbers = target.kind != TargetKind::kClasses &&
                           target.shape.rank() <= 1 &&
                           target.shape.elements() > 0;
  return fraction > 0 && has_numbers ? ChooseByNumbers(dataset, fraction, seed)
                                     : ChooseByClass(dataset, fraction, seed);
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ClassCounts(const Dataset& dataset) {
  std::vector<int64_t> counts;
  const TargetSpec target = dataset.examples->target();
  if (target.kind != TargetKind::kClasses) return counts;
  counts.resize(dataset.target_names.size());
  constexpr int64_t kAtOnce = 64;
  const bool has_positions = target.shape.rank() > 0;
  ExampleBatch batch;
  for (int64_t first = 0; first < dataset.size(); first += kAtOnce) {
    std::vector<int64_t> indices(std::min(kAtOnce, dataset.size() - first));
    std::iota(indices.begin(), indices.end(), first);
    LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*dataset.examples, indices));
    const absl::Span<const int32_t> classes = batch.classes();
    for (size_t i = 0; i < classes.size(); ++i) {
      if (classes[i] == kIgnoredClass && has_positions) continue;
      if (classes[i] < 0 || classes[i] >= static_cast<int64_t>(counts.size())) {
        return NoSuchClass(indices[i / (classes.size() / indices.size())],
                           classes[i], counts.size());
      }
      ++counts[classes[i]];
    }
  }
  return counts;
}

Dataset SelectExamples(const Dataset& dataset, std::vector<int64_t> indices) {
  return {.examples = std::make_shared<SelectedExamples>(dataset.examples,
                                                         std::move(indices)),
          .target_names = dataset.target_names,
          .input_names = dataset.input_names,
          .other_columns = dataset.other_columns,
          .normalization = dataset.normalization};
}

Dataset FirstExamples(const Dataset& dataset, int64_t count) {
  LENSLET_CHECK(count >= 0);
  if (count >= dataset.size()) return dataset;
  return SelectExamples(dataset, AllIndices(count));
}

absl::StatusOr<TrainAndValidation> SplitOff(const Dataset& dataset,
                                            double fraction, uint64_t seed) {
  if (!(fraction >= 0 && fraction < 1)) {
    return BadValue("fraction", fraction, "a number in [0, 1)");
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<bool> chosen,
                           Choose(dataset, fraction, seed));
  std::vector<int64_t> train, validation;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    (chosen[i] ? validation : train).push_back(i);
  }
  const bool is_whole = validation.empty();
  return TrainAndValidation{
      .train = is_whole ? dataset : SelectExamples(dataset, std::move(train)),
      .validation = SelectExamples(dataset, std::move(validation))};
}

}  // namespace lenslet
