#include "lenslet/data/strata.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "lenslet/base/random.h"
#include "lenslet/data/batches.h"

namespace lenslet {
namespace {

// Apart from what else is drawn from the seed of a run.
constexpr uint64_t kFirstBinStream = (uint64_t{1} << 59) + (uint64_t{1} << 58);
constexpr uint64_t kLabelStream = kFirstBinStream + (uint64_t{1} << 57);

std::vector<int64_t> SortedByValue(absl::Span<const float> values) {
  const auto key = [&](int64_t i) {
    return std::isnan(values[i]) ? std::numeric_limits<float>::infinity()
                                 : values[i];
  };
  std::vector<int64_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return key(a) < key(b); });
  return order;
}

// Deals examples to a part that stays and one that is chosen.
class LabelDealer {
 public:
  LabelDealer(absl::Span<const std::vector<int32_t>> labels,
              int64_t label_count, double fraction)
      : labels_(labels),
        left_(label_count),
        chosen_(labels.size()),
        dealt_(labels.size()) {
    for (const std::vector<int32_t>& of_example : labels) {
      for (const int32_t l : of_example) ++left_[l];
    }
    wanted_[0].resize(label_count);
    wanted_[1].resize(label_count);
    for (int64_t l = 0; l < label_count; ++l) {
      wanted_[1][l] = fraction * static_cast<double>(left_[l]);
      wanted_[0][l] = static_cast<double>(left_[l]) - wanted_[1][l];
    }
    wanted_in_all_[1] = fraction * static_cast<double>(labels.size());
    wanted_in_all_[0] = static_cast<double>(labels.size()) - wanted_in_all_[1];
  }

  // Of how many examples that have not been dealt a label is.
  int64_t left(int64_t label) const { return left_[label]; }
  bool dealt(int64_t example) const { return dealt_[example]; }

  // To the part that lacks more of the label; -1: of examples.
  void Deal(int64_t example, int64_t label) {
    const double stays = label < 0 ? 0 : wanted_[0][label];
    const double chosen = label < 0 ? 0 : wanted_[1][label];
    const int part = chosen > stays   ? 1
                     : chosen < stays ? 0
                                      : wanted_in_all_[1] > wanted_in_all_[0];
    dealt_[example] = true;
    chosen_[example] = part == 1;
    --wanted_in_all_[part];
    for (const int32_t l : labels_[example]) {
      --wanted_[part][l];
      --left_[l];
    }
  }

  std::vector<bool> Take() && { return std::move(chosen_); }

 private:
  const absl::Span<const std::vector<int32_t>> labels_;
  std::vector<int64_t> left_;
  // How much each part still lacks: of each label, and of examples.
  std::array<std::vector<double>, 2> wanted_;
  std::array<double, 2> wanted_in_all_;
  std::vector<bool> chosen_;
  std::vector<bool> dealt_;
};

}  // namespace

std::vector<bool> ChooseByValue(absl::Span<const float> values, double fraction,
                                uint64_t seed) {
  constexpr int64_t kMostBins = 10;
  const int64_t size = static_cast<int64_t>(values.size());
  std::vector<bool> chosen(size);
  const int64_t wanted =
      std::clamp<int64_t>(std::llround(fraction * static_cast<double>(size)), 0,
                          std::max<int64_t>(size - 1, 0));
  const std::vector<int64_t> order = SortedByValue(values);
  const int64_t bins = std::min(wanted, kMostBins);
  for (int64_t b = 0; b < bins; ++b) {
    const int64_t begin = b * size / bins, end = (b + 1) * size / bins;
    int64_t take = wanted * end / size - wanted * begin / size;
    Random random(seed, kFirstBinStream + static_cast<uint64_t>(b));
    for (int64_t i = begin; i < end; ++i) {
      // Selection sampling: every set of that many is equally likely.
      if (random.Below(end - i) >= take) continue;
      --take;
      chosen[order[i]] = true;
    }
  }
  return chosen;
}

std::vector<bool> ChooseByLabels(absl::Span<const std::vector<int32_t>> labels,
                                 int64_t label_count, double fraction,
                                 uint64_t seed) {
  std::vector<int64_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0);
  Random random(seed, kLabelStream);
  Shuffle(absl::MakeSpan(order), random);
  std::vector<std::vector<int64_t>> examples(label_count);
  for (const int64_t i : order) {
    for (const int32_t l : labels[i]) examples[l].push_back(i);
  }
  LabelDealer dealer(labels, label_count, fraction);
  while (true) {
    int64_t rarest = -1;
    for (int64_t l = 0; l < label_count; ++l) {
      if (dealer.left(l) == 0) continue;
      if (rarest < 0 || dealer.left(l) < dealer.left(rarest)) rarest = l;
    }
    if (rarest < 0) break;
    for (const int64_t i : examples[rarest]) {
      if (!dealer.dealt(i)) dealer.Deal(i, rarest);
    }
  }
  for (const int64_t i : order) {
    if (!dealer.dealt(i)) dealer.Deal(i, -1);
  }
  std::vector<bool> chosen = std::move(dealer).Take();
  if (!chosen.empty() &&
      std::find(chosen.begin(), chosen.end(), false) == chosen.end()) {
    chosen[order[0]] = false;
  }
  return chosen;
}

}  // namespace lenslet
