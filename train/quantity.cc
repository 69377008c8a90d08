#include "lenslet/train/quantity.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
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

// What programs, lines of progress among them, also call the splits.
constexpr std::array<std::pair<absl::string_view, MetricSplit>, 9> kSplitWords =
    {{{"train", MetricSplit::kTrain},
      {"training", MetricSplit::kTrain},
      {"validation", MetricSplit::kValidation},
      {"val", MetricSplit::kValidation},
      {"valid", MetricSplit::kValidation},
      {"dev", MetricSplit::kValidation},
      {"eval", MetricSplit::kValidation},
      {"test", MetricSplit::kTest},
      {"testing", MetricSplit::kTest}}};

// In lowercase, of words joined by "_".
std::string Joined(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(name),
                             {{" ", "_"}, {"-", "_"}, {"/", "_"}, {".", "_"}});
}

// The quantity that is also called so; null if there is none.
const Quantity* QuantityCalled(absl::string_view joined) {
  std::vector<std::string> names;
  for (const Quantity* quantity : kQuantities) {
    for (const absl::string_view name :
         {quantity->name, quantity->words, quantity->short_name}) {
      if (joined == Joined(name)) return quantity;
    }
    names.emplace_back(quantity->name);
  }
  return FindQuantity(NearestName(joined, names));
}

// The name that a person means who writes `name`, which is none; "" if nobody
// can tell.
std::string MeantName(absl::string_view name) {
  const std::string joined = Joined(name);
  for (const auto& [word, split] : kSplitWords) {
    absl::string_view rest = joined;
    if (!absl::ConsumePrefix(&rest, absl::StrCat(word, "_"))) continue;
    const Quantity* quantity = QuantityCalled(rest);
    if (quantity == nullptr) continue;
    if (split == MetricSplit::kTrain && quantity->of_whole_sets) continue;
    return absl::StrCat(SplitName(split), "_", quantity->name);
  }
  const Quantity* quantity = QuantityCalled(joined);
  return quantity == nullptr ? "" : std::string(quantity->name);
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
  const std::string meant = MeantName(name);
  absl::StrAppend(&message, meant.empty() ? DidYouMean(name, names)
                                          : absl::StrCat("; did you mean \"",
                                                         meant, "\"?"));
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<MetricSplit> SplitOf(const NamedMetric& chosen,
                                    const JudgedExamples& examples) {
  const Quantity& quantity = *chosen.quantity;
  const std::string written =
      chosen.split.has_value()
          ? absl::StrCat(SplitName(*chosen.split), "_", quantity.name)
          : std::string(quantity.name);
  const TargetKind target =
      examples.target.value_or(quantity.kind.value_or(TargetKind::kClasses));
  const int64_t classes =
      examples.classes.value_or(std::numeric_limits<int64_t>::max());
  if (!IsMeasured(quantity, target, classes)) {
    std::vector<absl::string_view> names;
    for (const Quantity* one : kQuantities) {
      // Of an unknown number of classes, only what all have.
      if (IsMeasured(*one, target, examples.classes.value_or(0))) {
        names.push_back(one->name);
      }
    }
    const std::string which =
        quantity.kind.value_or(target) == target
            ? absl::StrCat(classes, " classes")
            : absl::StrCat("targets of kind \"", Name(target), "\"");
    return absl::InvalidArgumentError(
        absl::StrCat("is \"", written, "\", which ", which,
                     " do not have; expected ", absl::StrJoin(names, " or ")));
  }
  const bool has_validation = examples.has_validation.value_or(
      !chosen.split.has_value() || chosen.split == MetricSplit::kValidation);
  const MetricSplit split = chosen.split.value_or(
      has_validation ? MetricSplit::kValidation : MetricSplit::kTrain);
  if (split == MetricSplit::kTrain && quantity.of_whole_sets) {
    return absl::InvalidArgumentError(absl::StrCat(
        "is \"", quantity.name,
        "\", which is not measured of training examples, and there are no "
        "validation examples; expected a data.validation_fraction that sets "
        "some aside, or a quantity that is"));
  }
  const std::string name = absl::StrCat(SplitName(split), "_", quantity.name);
  if (split == MetricSplit::kValidation && !has_validation) {
    return absl::InvalidArgumentError(absl::StrCat(
        "is \"", name,
        "\", but there are no validation examples; expected a "
        "data.validation_fraction that sets some aside, or \"train_",
        quantity.name, "\""));
  }
  if (split == MetricSplit::kTest && !examples.has_test.value_or(true)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "is \"", name, "\", but there are no test examples; expected \"",
        quantity.name, "\""));
  }
  return split;
}

}  // namespace lenslet
