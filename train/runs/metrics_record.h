// The metrics of a training run: a record of their values, and a table of their
// names for all code that writes, prints, plots or compares them.
//
// To add a quantity (train/quantity.h), add its fields to MetricsRecord and its
// entries to kMetrics. Older files lack them, and are read all the same.

#ifndef LENSLET_TRAIN_RUNS_METRICS_RECORD_H_
#define LENSLET_TRAIN_RUNS_METRICS_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/quantity.h"

namespace lenslet {

// Losses are means over examples of the recipe's loss, with its label smoothing
// and class weights; the cross-entropy of lenslet evaluate
// (inspect/classification_report.h) has neither. What else is measured depends
// on the kind of targets (data/target_kind.h): train/quantity.h has the
// quantities. What is undefined is absent.
struct MetricsRecord {
  // Updates of the parameters so far.
  int64_t step = 0;
  // Passes over the training examples so far. 2.5 is the middle of the third.
  double epoch = 0;
  // The rate of the last update.
  double learning_rate = 0;
  // The mean over the steps since the previous record, if the recipe asks for
  // it.
  std::optional<double> gradient_norm = std::nullopt;
  // Over the examples since the previous record. Quantities of whole sets
  // (train/quantity.h) are not measured.
  std::optional<double> train_loss = std::nullopt;
  std::optional<double> train_accuracy = std::nullopt;
  std::optional<double> train_top_5_accuracy = std::nullopt;
  std::optional<double> train_f1 = std::nullopt;
  std::optional<double> train_precision = std::nullopt;
  std::optional<double> train_recall = std::nullopt;
  std::optional<double> train_exact_match = std::nullopt;
  std::optional<double> train_mean_absolute_error = std::nullopt;
  std::optional<double> train_mean_squared_error = std::nullopt;
  // Over the whole set, if measured at this step.
  std::optional<double> validation_loss = std::nullopt;
  std::optional<double> validation_accuracy = std::nullopt;
  std::optional<double> validation_top_5_accuracy = std::nullopt;
  std::optional<double> validation_f1 = std::nullopt;
  std::optional<double> validation_precision = std::nullopt;
  std::optional<double> validation_recall = std::nullopt;
  std::optional<double> validation_exact_match = std::nullopt;
  std::optional<double> validation_auc = std::nullopt;
  std::optional<double> validation_mean_absolute_error = std::nullopt;
  std::optional<double> validation_mean_squared_error = std::nullopt;
  std::optional<double> validation_r2 = std::nullopt;
  std::optional<double> test_loss = std::nullopt;
  std::optional<double> test_accuracy = std::nullopt;
  std::optional<double> test_top_5_accuracy = std::nullopt;
  std::optional<double> test_f1 = std::nullopt;
  std::optional<double> test_precision = std::nullopt;
  std::optional<double> test_recall = std::nullopt;
  std::optional<double> test_exact_match = std::nullopt;
  std::optional<double> test_auc = std::nullopt;
  std::optional<double> test_mean_absolute_error = std::nullopt;
  std::optional<double> test_mean_squared_error = std::nullopt;
  std::optional<double> test_r2 = std::nullopt;
  // Training time so far, summed over all sessions.
  double seconds = 0;
  // Speed since the previous record, or since this session began.
  double examples_per_second = 0;
  // Whether an epoch ends at this step.
  bool end_of_epoch = false;
  // Whether early stopping (train/early_stopping.h) ends the run at this step.
  bool stopped_early = false;
};

// An entry of the table of metrics.
struct Metric {
  MetricSplit split;
  const Quantity* quantity;
  std::optional<double> MetricsRecord::*value;

  // Whether programs print it after each epoch: main quantities, but of losses
  // those that training and its judges see.
  constexpr bool each_epoch() const {
    return quantity->is_main &&
           !(quantity == &kLoss && split == MetricSplit::kTest);
  }
  // The name under which programs print the result of a run, and a sweep those
  // of its runs. Empty: they omit it. The training loss is the only loss.
  std::string result_name() const;

  // "validation_accuracy": the field, the key in files.
  std::string name() const;
  // "validation accuracy"
  std::string words() const;
  // "valid acc"
  std::string short_name() const;
  // "validation/accuracy": in TensorBoard.
  std::string tag() const;
};

// The order is that of files and tables.
inline constexpr std::array<Metric, 31> kMetrics = {{
    {MetricSplit::kTrain, &kLoss, &MetricsRecord::train_loss},
    {MetricSplit::kTrain, &kAccuracy, &MetricsRecord::train_accuracy},
    {MetricSplit::kTrain, &kTop5Accuracy, &MetricsRecord::train_top_5_accuracy},
    {MetricSplit::kTrain, &kF1, &MetricsRecord::train_f1},
    {MetricSplit::kTrain, &kPrecision, &MetricsRecord::train_precision},
    {MetricSplit::kTrain, &kRecall, &MetricsRecord::train_recall},
    {MetricSplit::kTrain, &kExactMatch, &MetricsRecord::train_exact_match},
    {MetricSplit::kTrain, &kMeanAbsoluteError,
     &MetricsRecord::train_mean_absolute_error},
    {MetricSplit::kTrain, &kMeanSquaredError,
     &MetricsRecord::train_mean_squared_error},
    {MetricSplit::kValidation, &kLoss, &MetricsRecord::validation_loss},
    {MetricSplit::kValidation, &kAccuracy, &MetricsRecord::validation_accuracy},
    {MetricSplit::kValidation, &kTop5Accuracy,
     &MetricsRecord::validation_top_5_accuracy},
    {MetricSplit::kValidation, &kF1, &MetricsRecord::validation_f1},
    {MetricSplit::kValidation, &kPrecision,
     &MetricsRecord::validation_precision},
    {MetricSplit::kValidation, &kRecall, &MetricsRecord::validation_recall},
    {MetricSplit::kValidation, &kExactMatch,
     &MetricsRecord::validation_exact_match},
    {MetricSplit::kValidation, &kAuc, &MetricsRecord::validation_auc},
    {MetricSplit::kValidation, &kMeanAbsoluteError,
     &MetricsRecord::validation_mean_absolute_error},
    {MetricSplit::kValidation, &kMeanSquaredError,
     &MetricsRecord::validation_mean_squared_error},
    {MetricSplit::kValidation, &kR2, &MetricsRecord::validation_r2},
    {MetricSplit::kTest, &kLoss, &MetricsRecord::test_loss},
    {MetricSplit::kTest, &kAccuracy, &MetricsRecord::test_accuracy},
    {MetricSplit::kTest, &kTop5Accuracy, &MetricsRecord::test_top_5_accuracy},
    {MetricSplit::kTest, &kF1, &MetricsRecord::test_f1},
    {MetricSplit::kTest, &kPrecision, &MetricsRecord::test_precision},
    {MetricSplit::kTest, &kRecall, &MetricsRecord::test_recall},
    {MetricSplit::kTest, &kExactMatch, &MetricsRecord::test_exact_match},
    {MetricSplit::kTest, &kAuc, &MetricsRecord::test_auc},
    {MetricSplit::kTest, &kMeanAbsoluteError,
     &MetricsRecord::test_mean_absolute_error},
    {MetricSplit::kTest, &kMeanSquaredError,
     &MetricsRecord::test_mean_squared_error},
    {MetricSplit::kTest, &kR2, &MetricsRecord::test_r2},
}};

// Sets the record's metrics of that split.
void SetMetrics(MetricSplit split, const Metrics& metrics,
                MetricsRecord& record);

// Loss and main quantity, for lines of progress: "loss 0.703  acc 0.751".
std::string MetricsText(const Metrics& metrics);

// The quantity, besides the loss, that runs with these metrics are judged by:
// the first of the table that some split of the record has.
const Quantity& MainQuantity(const MetricsRecord& record);

// Returns the table's entry for a quantity on a split; null for a quantity of
// whole sets on the training examples, which has none.
constexpr const Metric* MetricIfAny(MetricSplit split,
                                    const Quantity& quantity) {
  for (const Metric& metric : kMetrics) {
    if (metric.split == split && metric.quantity == &quantity) return &metric;
  }
  return nullptr;
}

// The same for one that must exist.
constexpr const Metric& MetricOf(MetricSplit split, const Quantity& quantity) {
  // Not by MetricIfAny(): with GCC's undefined behavior sanitizer, comparing a
  // pointer with null is no constant expression.
  for (const Metric& metric : kMetrics) {
    if (metric.split == split && metric.quantity == &quantity) return metric;
  }
  std::abort();
}

// Returns the entry that a recipe chooses (MetricByName()). Errors: as
// SplitOf() (train/quantity.h).
absl::StatusOr<const Metric*> FindMetric(const NamedMetric& chosen,
                                         const JudgedExamples& examples);

// The entry that save.best_by of a run names, of the run's records: null for
// the name of no metric. A run has validation examples if some record has a
// loss of them.
const Metric* MetricChosenBy(absl::string_view best_by, bool has_validation);

// Whether a value of the metric is better than another. Any number is better
// than NaN.
bool IsBetter(const Metric& metric, double value, double than);

// The number of an epoch, from 1, of all: "epoch  3/10".
std::string EpochText(int64_t epoch, int64_t epochs);

// What programs print after each epoch, without a line end: its number, those
// metrics of the record that kMetrics says, and the epoch's seconds, if given:
//   epoch  3/10  train loss 0.841  train acc 0.670  test acc 0.691  4.8 s
// If that may become longer than kMaxEpochLine, as with validation metrics:
//   epoch  3/10  loss 0.841 val 0.850  acc 0.670 val 0.664 test 0.691  4.8 s
// Longer only for more than 1,000 epochs, or epochs of more than a day.
// `chosen`, if the record has it, is shown in any case.
std::string EpochLine(const MetricsRecord& record, int64_t epoch,
                      int64_t epochs, std::optional<double> seconds = {},
                      const Metric* chosen = nullptr);

// The width of a terminal.
inline constexpr size_t kMaxEpochLine = 80;

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_METRICS_RECORD_H_
