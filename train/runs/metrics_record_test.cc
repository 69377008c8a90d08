#include "lenslet/train/runs/metrics_record.h"

#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

template <typename Text>
std::vector<std::string> OfAll(const Text& text) {
  std::vector<std::string> texts;
  for (const Metric& metric : kMetrics) texts.push_back(text(metric));
  return texts;
}

std::vector<std::string> ResultNames() {
  std::vector<std::string> names;
  for (const Metric& metric : kMetrics) {
    if (!metric.result_name().empty()) names.push_back(metric.result_name());
  }
  return names;
}

// The names of files that others read: they stay.
TEST(MetricsRecordTest, MetricsHaveTheirNames) {
  EXPECT_THAT(
      OfAll([](const Metric& m) { return m.name(); }),
      ElementsAre(
          "train_loss", "train_accuracy", "train_top_5_accuracy", "train_f1",
          "train_precision", "train_recall", "train_exact_match",
          "train_mean_absolute_error", "train_mean_squared_error",
          "validation_loss", "validation_accuracy", "validation_top_5_accuracy",
          "validation_f1", "validation_precision", "validation_recall",
          "validation_exact_match", "validation_auc",
          "validation_mean_absolute_error", "validation_mean_squared_error",
          "validation_r2", "test_loss", "test_accuracy", "test_top_5_accuracy",
          "test_f1", "test_precision", "test_recall", "test_exact_match",
          "test_auc", "test_mean_absolute_error", "test_mean_squared_error",
          "test_r2"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.words(); }),
              AllOf(Contains("validation mean absolute error"),
                    Contains("train top-5 accuracy"), Contains("test AUC")));
  EXPECT_THAT(
      OfAll([](const Metric& m) { return m.short_name(); }),
      ElementsAre("train loss", "train acc", "train top-5", "train F1",
                  "train prec", "train recall", "train exact", "train MAE",
                  "train MSE", "valid loss", "valid acc", "valid top-5",
                  "valid F1", "valid prec", "valid recall", "valid exact",
                  "valid AUC", "valid MAE", "valid MSE", "valid R2",
                  "test loss", "test acc", "test top-5", "test F1", "test prec",
                  "test recall", "test exact", "test AUC", "test MAE",
                  "test MSE", "test R2"));
  EXPECT_THAT(ResultNames(),
              UnorderedElementsAre("loss", "train acc", "train F1", "train MAE",
                                   "valid acc", "valid F1", "valid MAE",
                                   "test acc", "test F1", "test MAE"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.tag(); }),
              AllOf(Contains("train/loss"), Contains("validation/accuracy"),
                    Contains("test/f1")));
}

TEST(MetricsRecordTest, EachMetricHasItsOwnField) {
  MetricsRecord record;
  for (size_t i = 0; i < kMetrics.size(); ++i) record.*kMetrics[i].value = i;
  EXPECT_EQ(record.train_loss, 0);
  EXPECT_EQ(record.train_accuracy, 1);
  EXPECT_EQ(record.train_mean_squared_error, 8);
  EXPECT_EQ(record.validation_f1, 12);
  EXPECT_EQ(record.test_r2, 30);
  std::set<double> values;
  for (const Metric& m : kMetrics) values.insert(*(record.*m.value));
  EXPECT_EQ(values.size(), kMetrics.size());
}

TEST(MetricsRecordTest, TheKindOfTargetsDecidesWhatIsMeasured) {
  const auto measured = [](const Metrics& metrics) {
    MetricsRecord record;
    SetMetrics(MetricSplit::kTest, metrics, record);
    std::map<std::string, double> values;
    for (const Metric& m : kMetrics) {
      if (record.*m.value) values[m.name()] = *(record.*m.value);
    }
    return values;
  };
  EXPECT_THAT(
      measured({.examples = 4, .loss_sum = 2, .predictions = 8, .correct = 6}),
      ElementsAre(Pair("test_accuracy", 0.75), Pair("test_loss", 0.5)));
  EXPECT_THAT(measured({.examples = 4,
                        .loss_sum = 2,
                        .predictions = 8,
                        .correct = 6,
                        .in_top_5 = 7}),
              ElementsAre(Pair("test_accuracy", 0.75), Pair("test_loss", 0.5),
                          Pair("test_top_5_accuracy", 0.875)));
  EXPECT_THAT(
      measured({.examples = 4,
                .loss_sum = 2,
                .labels = {.true_positives = 3, .false_positives = 2},
                .exact = 1,
                .auc = 0.875}),
      ElementsAre(Pair("test_auc", 0.875), Pair("test_exact_match", 0.25),
                  Pair("test_f1", 0.75), Pair("test_loss", 0.5),
                  Pair("test_precision", 0.6), Pair("test_recall", 1)));
  EXPECT_THAT(
      measured({.examples = 4,
                .loss_sum = 2,
                .values = {.numbers = 8, .absolute_sum = 2, .squared_sum = 4},
                .r2 = -0.5}),
      ElementsAre(Pair("test_loss", 0.5),
                  Pair("test_mean_absolute_error", 0.25),
                  Pair("test_mean_squared_error", 0.5), Pair("test_r2", -0.5)));
  EXPECT_EQ(MetricsText({.examples = 4,
                         .loss_sum = 2,
                         .values = {.numbers = 8, .absolute_sum = 2}}),
            "loss 0.500  MAE 0.250");
  EXPECT_EQ(MetricsText({}), "loss 0.000");
}

TEST(MetricsRecordTest, MetricsAreFoundBySplitAndQuantity) {
  for (const Metric& metric : kMetrics) {
    EXPECT_EQ(&MetricOf(metric.split, *metric.quantity), &metric);
  }
  EXPECT_DEATH(MetricOf(MetricSplit::kTest, Quantity()), "");
  // All others are there.
  for (const Quantity* quantity : kQuantities) {
    for (const MetricSplit split :
         {MetricSplit::kTrain, MetricSplit::kValidation, MetricSplit::kTest}) {
      EXPECT_EQ(MetricIfAny(split, *quantity) == nullptr,
                split == MetricSplit::kTrain && quantity->of_whole_sets)
          << quantity->name;
    }
  }
}

TEST(FindMetricTest, QuantitiesOfWholeSetsAreNotOfTrainingExamples) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Metric* metric,
      FindMetric({.quantity = &kAuc}, {.target = TargetKind::kLabels,
                                       .classes = 3,
                                       .has_validation = true,
                                       .has_test = false}));
  EXPECT_EQ(metric->name(), "validation_auc");
  EXPECT_THAT(
      FindMetric({.quantity = &kR2}, {.target = TargetKind::kValues,
                                      .classes = 1,
                                      .has_validation = false,
                                      .has_test = true}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("is \"r2\", which is not measured of training "
                         "examples, and there are no validation "
                         "examples; expected a data.validation_fraction "
                         "that sets some aside")));
}

TEST(FindMetricTest, OfMoreThanFiveClassesTheTopFive) {
  const auto find = [](int64_t classes) {
    return FindMetric({.quantity = &kTop5Accuracy},
                      {.target = TargetKind::kClasses,
                       .classes = classes,
                       .has_validation = false,
                       .has_test = false});
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metric* metric, find(6));
  EXPECT_EQ(metric->name(), "train_top_5_accuracy");
  EXPECT_THAT(find(5), StatusIs(absl::StatusCode::kInvalidArgument,
                                HasSubstr("which 5 classes do not have; "
                                          "expected loss or accuracy")));
}

TEST(EpochLineTest, NamesEachMetricIfThereIsRoom) {
  const MetricsRecord record = {
      .train_loss = 0.8414, .train_accuracy = 0.67, .test_accuracy = 0.6912};
  EXPECT_EQ(EpochLine(record, 3, 10, 4.84),
            "epoch  3/10  train loss 0.841  train acc 0.670  test acc 0.691  "
            "4.8 s");
  EXPECT_EQ(EpochLine(record, 3, 3),
            "epoch 3/3  train loss 0.841  train acc 0.670  test acc 0.691");
}

TEST(EpochLineTest, NamesEachQuantityIfThereAreManyMetrics) {
  EXPECT_EQ(EpochLine({.train_loss = 0.8414,
                       .train_accuracy = 0.67,
                       .validation_loss = 0.85,
                       .validation_accuracy = 0.664,
                       .test_accuracy = 0.6912},
                      3, 10, 4.84),
            "epoch  3/10  loss 0.841 val 0.850  acc 0.670 val 0.664 test 0.691"
            "  4.8 s");
  EXPECT_EQ(EpochLine({.train_loss = 0.8414,
                       .train_accuracy = 0.67,
                       .validation_loss = 0.85,
                       .validation_accuracy = 0.664},
                      3, 10, 4.84),
            "epoch  3/10  loss 0.841 val 0.850  acc 0.670 val 0.664  4.8 s");
}

TEST(EpochLineTest, ShowsTheMetricThatChooses) {
  const MetricsRecord record = {.train_loss = 1,
                                .validation_loss = 2,
                                .validation_f1 = 0.5,
                                .validation_auc = 0.75};
  EXPECT_THAT(
      EpochLine(record, 1, 2, {}, &MetricOf(MetricSplit::kValidation, kAuc)),
      HasSubstr("  valid AUC 0.750"));
  EXPECT_THAT(EpochLine(record, 1, 2), Not(HasSubstr("AUC")));
}

TEST(EpochLineTest, FitsATerminalWithTheWidestValues) {
  constexpr double kDay = 86'400;
  for (const double loss : {1.0, 12.3456, 123.456, 99'999.4, 1e10, 9.9996,
                            std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN()}) {
    MetricsRecord record = {
        .train_loss = loss, .train_accuracy = 1, .test_accuracy = 1};
    EXPECT_LE(EpochLine(record, 1000, 1000, kDay).size(), kMaxEpochLine);
    record.validation_loss = loss;
    record.validation_accuracy = 1;
    EXPECT_LE(EpochLine(record, 1000, 1000, kDay).size(), kMaxEpochLine)
        << EpochLine(record, 1000, 1000, kDay);
    record.test_accuracy.reset();
    EXPECT_LE(EpochLine(record, 1000, 1000, kDay).size(), kMaxEpochLine);
  }
}

TEST(EpochLineTest, AllLinesOfARunLookAlike) {
  MetricsRecord record = {.train_loss = 1,
                          .train_accuracy = 1,
                          .validation_loss = 1,
                          .validation_accuracy = 1};
  EXPECT_THAT(EpochLine(record, 1, 2, 0.1), HasSubstr("  loss 1.000 val "));
  EXPECT_THAT(EpochLine(record, 1, 2, 1e4), HasSubstr("  loss 1.000 val "));
}

}  // namespace
}  // namespace lenslet
