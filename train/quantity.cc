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
      names.push_back(absl::StrCat(prefix, one->name));
    }
    absl::string_view rest = name;
    if (!absl::ConsumePrefix(&rest, prefix)) continue;
    if (const Quantity* quantity = FindQuantity(rest)) {
      return NamedMetric{.split = split, .quantity = quantity};
    }
  }
  std::string message =
      absl::StrCat("is \"", Printable(name), "\"; expected one of ", quantities,
                   ", or one of a split, such as validation_accuracy");
  absl::StrAppend(&message, DidYouMean(name, names));
  return absl::InvalidArgumentError(message);
}

}  // namespace lenslet
