// What is measured of networks: the table of quantities, and how recipes name
// them.
//
// To add a quantity, add a constant and an entry to kQuantities, its fields and
// entries in train/runs/metrics_record.h, and what it needs to Metrics and, for
// runs that resume, to MetricsProto (predict/checkpoint.proto).

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
  absl::string_view name;        // In fields: "accuracy", "top_5_accuracy".
  absl::string_view words;       // In sentences and titles: "top-5 accuracy".
  absl::string_view short_name;  // In lines of text: "acc".
  bool higher_is_better;
  bool is_share;  // In [0, 1]; pages show it in percent.
  // Whether lines of progress and results show it, one besides the loss for
  // each kind of targets.
  bool is_main;
  // The kind of targets that it is for; absent: all.
  std::optional<TargetKind> kind;
  // Only networks of at least as many classes have it.
  int64_t min_classes = 0;
  // Whether it is of a set's examples together, not a ratio of sums over them.
  // Training examples then lack it: the parameters change from step to step.
  bool of_whole_sets = false;
  // Why it is absent although networks with such targets have it, before "of
  // the 3 validation examples". Empty: it never is.
  absl::string_view undefined_if = {};
  // Absent if the targets are of another kind, or where it is undefined.
  std::optional<double> (*of)(const Metrics& metrics);
};

inline constexpr Quantity kLoss = {
    .name = "loss",
    .words = "loss",
    .short_name = "loss",
    .higher_is_better = false,
    .is_share = false,
    .is_main = true,
    .kind = std::nullopt,
    .of = [](const Metrics& m) -> std::optional<double> { return m.loss(); }};
inline constexpr Quantity kAccuracy = {
    .name = "accuracy",
    .words = "accuracy",
    .short_name = "acc",
    .higher_is_better = true,
    .is_share = true,
    .is_main = true,
    .kind = TargetKind::kClasses,
    .undefined_if = "no position counts in any",
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.predictions == 0) return std::nullopt;
      return m.accuracy();
    }};
// The share of predictions whose class is among the five with the highest
// scores (train/metrics/top_k.h). Of five classes, it would always be 1.
inline constexpr Quantity kTop5Accuracy = {
    .name = "top_5_accuracy",
    .words = "top-5 accuracy",
    .short_name = "top-5",
    .higher_is_better = true,
    .is_share = true,
    .is_main = false,
    .kind = TargetKind::kClasses,
    .min_classes = 6,
    .undefined_if = "no position counts in any",
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.predictions == 0 || !m.in_top_5) return std::nullopt;
      return static_cast<double>(*m.in_top_5) /
             static_cast<double>(m.predictions);
    }};
// Of all labels together: micro averages (train/metrics/label_counts.h).
inline constexpr Quantity kF1 = {
    .name = "f1",
    .words = "F1",
    .short_name = "F1",
    .higher_is_better = true,
    .is_share = true,
    .is_main = true,
    .kind = TargetKind::kLabels,
    .undefined_if = "no label applies to any, or is predicted for any,",
    .of = [](const Metrics& m) { return m.labels.f1(); }};
inline constexpr Quantity kPrecision = {
    .name = "precision",
    .words = "precision",
    .short_name = "prec",
    .higher_is_better = true,
    .is_share = true,
    .is_main = false,
    .kind = TargetKind::kLabels,
    .undefined_if = "no label is predicted for any",
    .of = [](const Metrics& m) { return m.labels.precision(); }};
inline constexpr Quantity kRecall = {
    .name = "recall",
    .words = "recall",
    .short_name = "recall",
    .higher_is_better = true,
    .is_share = true,
    .is_main = false,
    .kind = TargetKind::kLabels,
    .undefined_if = "no label applies to any",
    .of = [](const Metrics& m) { return m.labels.recall(); }};
inline constexpr Quantity kExactMatch = {
    .name = "exact_match",
    .words = "exact match",
    .short_name = "exact",
    .higher_is_better = true,
    .is_share = true,
    .is_main = false,
    .kind = TargetKind::kLabels,
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.labels == LabelCounts()) return std::nullopt;
      return static_cast<double>(m.exact) / m.examples;
    }};
// The mean over the labels that have one (train/metrics/auc.h): a label that
// applies to all examples or to none has no AUC.
inline constexpr Quantity kAuc = {
    .name = "auc",
    .words = "AUC",
    .short_name = "AUC",
    .higher_is_better = true,
    .is_share = false,
    .is_main = false,
    .kind = TargetKind::kLabels,
    .of_whole_sets = true,
    .undefined_if = "each label applies to all or to none",
    .of = [](const Metrics& m) { return m.auc; }};
// Of all values together (train/metrics/value_errors.h).
inline constexpr Quantity kMeanAbsoluteError = {
    .name = "mean_absolute_error",
    .words = "mean absolute error",
    .short_name = "MAE",
    .higher_is_better = false,
    .is_share = false,
    .is_main = true,
    .kind = TargetKind::kValues,
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.values.numbers == 0) return std::nullopt;
      return m.values.mean_absolute_error();
    }};
inline constexpr Quantity kMeanSquaredError = {
    .name = "mean_squared_error",
    .words = "mean squared error",
    .short_name = "MSE",
    .higher_is_better = false,
    .is_share = false,
    .is_main = false,
    .kind = TargetKind::kValues,
    .of = [](const Metrics& m) -> std::optional<double> {
      if (m.values.numbers == 0) return std::nullopt;
      return m.values.mean_squared_error();
    }};
// The mean over the values that have one: a value that is the same in all
// examples has no R^2.
inline constexpr Quantity kR2 = {
    .name = "r2",
    .words = "R2",
    .short_name = "R2",
    .higher_is_better = true,
    .is_share = false,
    .is_main = false,
    .kind = TargetKind::kValues,
    .of_whole_sets = true,
    .undefined_if = "each value is the same in all",
    .of = [](const Metrics& m) { return m.r2; }};

inline constexpr std::array<const Quantity*, 11> kQuantities = {
    &kLoss,
    &kAccuracy,
    &kTop5Accuracy,
    &kF1,
    &kPrecision,
    &kRecall,
    &kExactMatch,
    &kAuc,
    &kMeanAbsoluteError,
    &kMeanSquaredError,
    &kR2};

// Whether networks with such targets and as many classes have the quantity.
constexpr bool IsMeasured(const Quantity& quantity, TargetKind kind,
                          int64_t classes) {
  return quantity.kind.value_or(kind) == kind &&
         classes >= quantity.min_classes;
}

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
// expected ...", for the end of a message about a field; also for a quantity of
// whole sets with the training split. The message suggests the name that was
// meant, also for other programs' names: "val_loss", "acc".
absl::StatusOr<NamedMetric> MetricByName(absl::string_view name);

// What is known of the examples that judge a run. Of what is absent,
// SplitOf() expects the best.
struct JudgedExamples {
  std::optional<TargetKind> target = std::nullopt;
  // The number of classes, labels or values.
  std::optional<int64_t> classes = std::nullopt;
  std::optional<bool> has_validation = std::nullopt;
  std::optional<bool> has_test = std::nullopt;
};

// Returns the split of a metric: that of its name or, without one, validation
// if there are such examples, otherwise training. Errors: InvalidArgument, for
// the end of a message about a field, if networks with such targets do not have
// the quantity, the split has no examples, or it is that of training and the
// quantity is one of whole sets.
absl::StatusOr<MetricSplit> SplitOf(const NamedMetric& chosen,
                                    const JudgedExamples& examples);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_QUANTITY_H_
