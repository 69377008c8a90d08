#include "lenslet/train/quantity.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"

namespace lenslet {
namespace {

constexpr std::array<MetricSplit, 3> kSplits = {
    MetricSplit::kTrain, MetricSplit::kValidation, MetricSplit::kTest};

const Quantity* FindQuantity(absl::string_view name) {
  for (const Quantity* quantity : kQuantities) {
    if (quantity->name == name) return quantity;
  }
  return nullptr;
}

// `name` is the whole name.
absl::Status NotOfTraining(absl::string_view name, const Quantity& quantity) {
  return absl::InvalidArgumentError(
      absl::StrCat("is \"", name,
                   "\", which is not measured of training examples; expected "
                   "\"validation_",
                   quantity.name, "\", or a quantity that is"));
}

}  // namespace

absl::string_view SplitName(MetricSplit split) {
  switch (split) {
    case MetricSplit::kTrain:
      return "train";
    case MetricSplit::kValidation:
      return "validation";
    case MetricSplit::kTest:
      return "test";
  }
  return "";
}

absl::StatusOr<NamedMetric> MetricByName(absl::string_view name) {
  if (name.empty()) return NamedMetric();
  if (const Quantity* quantity = FindQuantity(name)) {
    return NamedMetric{.quantity = quantity};
  }
  std::vector<std::string> names;
  for (const Quantity* one : kQuantities) names.emplace_back(one->name);
  const std::string quantities = absl::StrJoin(names, ", ");
  for (const MetricSplit split : kSplits) {
    const std::string prefix = absl::StrCat(SplitName(split), "_");
    for (const Quantity* one : kQuantities) {
      if (split == MetricSplit::kTrain && one->of_whole_sets) continue;
      names.push_back(absl::StrCat(prefix, one->name));
    }
    absl::string_view rest = name;
    if (!absl::ConsumePrefix(&rest, prefix)) continue;
    const Quantity* quantity = FindQuantity(rest);
    if (quantity == nullptr) continue;
    if (split == MetricSplit::kTrain && quantity->of_whole_sets) {
      return NotOfTraining(name, *quantity);
    }
    return NamedMetric{.split = split, .quantity = quantity};
  }
  std::string message =
      absl::StrCat("is \"", Printable(name), "\"; expected one of ", quantities,
                   ", or one of a split, such as validation_accuracy");
  absl::StrAppend(&message, DidYouMean(name, names));
  return absl::InvalidArgumentError(message);
}

}  // namespace lenslet
