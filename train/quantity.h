// What is measured of networks: the table of quantities, and how recipes name
// them.
//
// To add a quantity, add a constant and an entry to kQuantities, and its fields
// and entries in train/runs/metrics_record.h.

#ifndef LENSLET_TRAIN_QUANTITY_H_
#define LENSLET_TRAIN_QUANTITY_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/train/metrics.h"

namespace lenslet {

// What a metric measures.
struct Quantity {
  absl::string_view name;        // In fields: "accuracy", "top5_accuracy".
  absl::string_view short_name;  // In lines of text: "acc".
  bool higher_is_better;
  bool is_share;  // In [0, 1]; pages show it in percent.
  // The kind of targets that it is for; absent: all.
  std::optional<TargetKind> kind;
  // Absent if the targets are of another kind.
  std::optional<double> (*of)(const Metrics& metrics);
};

inline constexpr Quantity kLoss = {
    .name = "loss",
    .short_name = "loss",
    .higher_is_better = false,
    .is_share = false,
    .kind = std::nullopt,
    .of = [](const Metrics& m) -> std::optional<double> { return m.loss(); }};
inline constexpr Quantity kAccuracy = {
    .name = "accuracy",
    .short_name = "acc",
    .higher_is_better = true,
    .is_share = true,
    .kind = TargetKind::kClasses,
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.predictions == 0) return std::nullopt;
      return m.accuracy();
    }};
inline constexpr Quantity kF1 = {
    .name = "f1",
    .short_name = "F1",
    .higher_is_better = true,
    .is_share = true,
    .kind = TargetKind::kLabels,
    .of = [](const Metrics& m) { return m.labels.f1(); }};
inline constexpr Quantity kExactMatch = {
    .name = "exact_match",
    .short_name = "exact",
    .higher_is_better = true,
    .is_share = true,
    .kind = TargetKind::kLabels,
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.labels == LabelCounts()) return std::nullopt;
      return static_cast<double>(m.exact) / m.examples;
    }};
inline constexpr Quantity kMeanAbsoluteError = {
    .name = "mean_absolute_error",
    .short_name = "MAE",
    .higher_is_better = false,
    .is_share = false,
    .kind = TargetKind::kValues,
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.values.numbers == 0) return std::nullopt;
      return m.values.mean_absolute_error();
    }};

inline constexpr std::array<const Quantity*, 5> kQuantities = {
    &kLoss, &kAccuracy, &kF1, &kExactMatch, &kMeanAbsoluteError};

// The examples that a metric averages over.
enum class MetricSplit : uint8_t { kTrain, kValidation, kTest };

// "train", "validation", "test"
absl::string_view SplitName(MetricSplit split);

// A metric as a recipe names it.
struct NamedMetric {
  // Absent: validation, or training for a run without validation examples.
  std::optional<MetricSplit> split = std::nullopt;
  const Quantity* quantity = &kLoss;
};

// Parses the name of a quantity, "accuracy", or of a quantity of one split,
// "validation_accuracy". "" is the loss. Errors: InvalidArgument, "is "NAME";
// expected ...", for the end of a message about a field.
absl::StatusOr<NamedMetric> MetricByName(absl::string_view name);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_QUANTITY_H_
