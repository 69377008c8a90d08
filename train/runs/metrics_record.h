// The metrics of a training run: a record of their values, and a table of their
// names for all code that writes, prints, plots or compares them.
//
// To add a metric, add a field to MetricsRecord and an entry to kMetrics, and
// set the field in the run (train/runs/training_run.h).

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
// on the kind of targets (data/target_kind.h): the accuracy of classes, the F1
// and the exact match of labels (train/metrics/label_counts.h; the F1 is
// micro-averaged), the mean absolute error of values. All but the error are
// fractions in [0, 1].
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
  // Over the examples since the previous record.
  std::optional<double> train_loss = std::nullopt;
  std::optional<double> train_accuracy = std::nullopt;
  std::optional<double> train_f1 = std::nullopt;
  std::optional<double> train_exact_match = std::nullopt;
  std::optional<double> train_mean_absolute_error = std::nullopt;
  // Over the whole set, if measured at this step.
  std::optional<double> validation_loss = std::nullopt;
  std::optional<double> validation_accuracy = std::nullopt;
  std::optional<double> validation_f1 = std::nullopt;
  std::optional<double> validation_exact_match = std::nullopt;
  std::optional<double> validation_mean_absolute_error = std::nullopt;
  std::optional<double> test_loss = std::nullopt;
  std::optional<double> test_accuracy = std::nullopt;
  std::optional<double> test_f1 = std::nullopt;
  std::optional<double> test_exact_match = std::nullopt;
  std::optional<double> test_mean_absolute_error = std::nullopt;
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
  // Whether programs print it after each epoch.
  bool each_epoch;
  // The name under which programs print the result of a run and sweeps compare
  // runs. Empty: they omit the metric.
  absl::string_view result_name;

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
inline constexpr std::array<Metric, 15> kMetrics = {{
    {.split = MetricSplit::kTrain,
     .quantity = &kLoss,
     .value = &MetricsRecord::train_loss,
     .each_epoch = true,
     // The only loss in results.
     .result_name = "loss"},
    {.split = MetricSplit::kTrain,
     .quantity = &kAccuracy,
     .value = &MetricsRecord::train_accuracy,
     .each_epoch = true,
     .result_name = "train acc"},
    {.split = MetricSplit::kTrain,
     .quantity = &kF1,
     .value = &MetricsRecord::train_f1,
     .each_epoch = true,
     .result_name = "train F1"},
    {.split = MetricSplit::kTrain,
     .quantity = &kExactMatch,
     .value = &MetricsRecord::train_exact_match,
     .each_epoch = false,
     .result_name = ""},
    {.split = MetricSplit::kTrain,
     .quantity = &kMeanAbsoluteError,
     .value = &MetricsRecord::train_mean_absolute_error,
     .each_epoch = true,
     .result_name = "train MAE"},
    {.split = MetricSplit::kValidation,
     .quantity = &kLoss,
     .value = &MetricsRecord::validation_loss,
     .each_epoch = true,
     .result_name = ""},
    {.split = MetricSplit::kValidation,
     .quantity = &kAccuracy,
     .value = &MetricsRecord::validation_accuracy,
     .each_epoch = true,
     .result_name = "valid acc"},
    {.split = MetricSplit::kValidation,
     .quantity = &kF1,
     .value = &MetricsRecord::validation_f1,
     .each_epoch = true,
     .result_name = "valid F1"},
    {.split = MetricSplit::kValidation,
     .quantity = &kExactMatch,
     .value = &MetricsRecord::validation_exact_match,
     .each_epoch = false,
     .result_name = ""},
    {.split = MetricSplit::kValidation,
     .quantity = &kMeanAbsoluteError,
     .value = &MetricsRecord::validation_mean_absolute_error,
     .each_epoch = true,
     .result_name = "valid MAE"},
    {.split = MetricSplit::kTest,
     .quantity = &kLoss,
     .value = &MetricsRecord::test_loss,
     .each_epoch = false,
     .result_name = ""},
    {.split = MetricSplit::kTest,
     .quantity = &kAccuracy,
     .value = &MetricsRecord::test_accuracy,
     .each_epoch = true,
     .result_name = "test acc"},
    {.split = MetricSplit::kTest,
     .quantity = &kF1,
     .value = &MetricsRecord::test_f1,
     .each_epoch = true,
     .result_name = "test F1"},
    {.split = MetricSplit::kTest,
     .quantity = &kExactMatch,
     .value = &MetricsRecord::test_exact_match,
     .each_epoch = false,
     .result_name = ""},
    {.split = MetricSplit::kTest,
     .quantity = &kMeanAbsoluteError,
     .value = &MetricsRecord::test_mean_absolute_error,
     .each_epoch = true,
     .result_name = "test MAE"},
}};

// Sets the record's metrics of that split.
void SetMetrics(MetricSplit split, const Metrics& metrics,
                MetricsRecord& record);

// Loss and main quantity, for lines of progress: "loss 0.703  acc 0.751".
std::string MetricsText(const Metrics& metrics);

// The quantity, besides the loss, that runs with these metrics are judged by:
// the first of the table that some split of the record has.
const Quantity& MainQuantity(const MetricsRecord& record);

// Returns the table's entry for a quantity on a split, which must exist.
constexpr const Metric& MetricOf(MetricSplit split, const Quantity& quantity) {
  for (const Metric& metric : kMetrics) {
    if (metric.split == split && metric.quantity == &quantity) return metric;
  }
  std::abort();
}

// Returns the entry that a recipe chooses (MetricByName()). Without a split in
// its name, it is that of the validation examples or, without those, of the
// training examples. Errors: InvalidArgument, without the field's name, if the
// targets are of another kind or the split has no examples.
absl::StatusOr<const Metric*> FindMetric(const NamedMetric& chosen,
                                         TargetKind target, bool has_validation,
                                         bool has_test);

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
std::string EpochLine(const MetricsRecord& record, int64_t epoch,
                      int64_t epochs, std::optional<double> seconds = {});

// The width of a terminal.
inline constexpr size_t kMaxEpochLine = 80;

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_METRICS_RECORD_H_
