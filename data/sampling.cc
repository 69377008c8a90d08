#include "lenslet/data/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/examples.h"

namespace lenslet {
namespace {

// Apart from those of other choices with the same seed.
constexpr uint64_t kFirstSampleStream = uint64_t{5} << 59;

// Shares of `total` in proportion to `wanted`, by largest remainders.
std::vector<int64_t> RoundShares(const std::vector<double>& wanted,
                                 int64_t total) {
  const double sum = std::accumulate(wanted.begin(), wanted.end(), 0.0);
  std::vector<int64_t> shares;
  std::vector<std::pair<double, size_t>> remainders;
  int64_t left = total;
  for (size_t c = 0; c < wanted.size(); ++c) {
    const double share = static_cast<double>(total) * (wanted[c] / sum);
    shares.push_back(
        std::min<int64_t>(static_cast<int64_t>(std::floor(share)), left));
    left -= shares.back();
    remainders.emplace_back(share - std::floor(share), c);
  }
  std::stable_sort(
      remainders.begin(), remainders.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t i = 0; left > 0; i = (i + 1) % remainders.size()) {
    const size_t c = remainders[i].second;
    if (wanted[c] == 0) continue;
    ++shares[c];
    --left;
  }
  return shares;
}

}  // namespace

absl::Status CheckSampling(const TargetSpec& target,
                           std::optional<int64_t> classes,
                           const std::optional<std::vector<int64_t>>& counts,
                           absl::Span<const double> weights) {
  if (target != TargetSpec()) {
    return absl::InvalidArgumentError(
        "examples can only be sampled by class; the targets are not a class of "
        "each example");
  }
  if (!weights.empty() && classes.has_value() &&
      static_cast<int64_t>(weights.size()) != *classes) {
    return BadValue("the number of weights", weights.size(),
                    absl::StrCat(*classes, ", one for each class"));
  }
  for (size_t c = 0; c < weights.size(); ++c) {
    if (!std::isfinite(weights[c]) || weights[c] < 0) {
      return BadValue(absl::StrCat("weight ", c), weights[c],
                      "a number of at least 0");
    }
  }
  bool has_some = weights.empty() && !counts.has_value();
  const size_t known = counts.has_value() ? counts->size() : weights.size();
  for (size_t c = 0; c < known; ++c) {
    has_some |= (weights.empty() || weights[c] > 0) &&
                (!counts.has_value() || (*counts)[c] > 0);
  }
  if (!has_some) {
    return absl::InvalidArgumentError(
        "all weights of classes with examples are 0; expected one that is "
        "positive");
  }
  return absl::OkStatus();
}

absl::StatusOr<Sampler> Sampler::Create(const Dataset& dataset,
                                        absl::Span<const double> weights) {
  const TargetSpec target = dataset.examples->target();
  const int64_t classes = static_cast<int64_t>(dataset.target_names.size());
  LENSLET_RETURN_IF_ERROR(
      CheckSampling(target, classes, std::nullopt, weights));
  Sampler sampler;
  LENSLET_ASSIGN_OR_RETURN(sampler.classes_, dataset.Classes());
  sampler.counts_.resize(classes);
  for (const int32_t c : sampler.classes_) {
    if (c < 0 || c >= classes) {
      return BadValue("a class", c,
                      absl::StrCat("a number in [0, ", classes - 1, "]"));
    }
    ++sampler.counts_[c];
  }
  LENSLET_RETURN_IF_ERROR(
      CheckSampling(target, classes, sampler.counts_, weights));
  std::vector<double> wanted;
  for (int64_t c = 0; c < classes; ++c) {
    const int64_t count = sampler.counts_[c];
    wanted.push_back(weights.empty() ? (count > 0 ? 1 : 0)
                                     : weights[c] * static_cast<double>(count));
  }
  sampler.shares_ = RoundShares(wanted, dataset.size());
  return sampler;
}

std::vector<int64_t> Sampler::EpochOrder(const Dataset& dataset, uint64_t seed,
                                         int64_t epoch) const {
  const Examples& examples = *dataset.examples;
  std::vector<int64_t> base = examples.EpochOrder(seed, epoch);
  const bool shuffled = base == examples.Examples::EpochOrder(seed, epoch);
  Random random(seed, kFirstSampleStream + static_cast<uint64_t>(epoch));
  // Where each class begins in the turns of its examples: 0 <= start < count.
  std::vector<int64_t> turn;
  for (const int64_t count : counts_) {
    turn.push_back(count > 0 ? random.Below(count) : 0);
  }
  std::vector<int64_t> order;
  order.reserve(base.size());
  for (const int64_t example : base) {
    const int32_t c = classes_[example];
    // Spreads the class's share evenly over its examples.
    const int64_t before = turn[c];
    turn[c] += shares_[c];
    const int64_t copies = turn[c] / counts_[c] - before / counts_[c];
    order.insert(order.end(), copies, example);
  }
  if (shuffled) Shuffle(absl::MakeSpan(order), random);
  return order;
}

}  // namespace lenslet
