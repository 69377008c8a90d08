#include "lenslet/train/runs/metrics_record.h"

#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

template <typename Text>
std::vector<std::string> OfAll(const Text& text) {
  std::vector<std::string> texts;
  for (const Metric& metric : kMetrics) texts.push_back(text(metric));
  return texts;
}

// The names of files that others read: they stay.
TEST(MetricsRecordTest, MetricsHaveTheirNames) {
  EXPECT_THAT(
      OfAll([](const Metric& m) { return m.name(); }),
      ElementsAre("train_loss", "train_accuracy", "train_f1",
                  "train_exact_match", "train_mean_absolute_error",
                  "validation_loss", "validation_accuracy", "validation_f1",
                  "validation_exact_match", "validation_mean_absolute_error",
                  "test_loss", "test_accuracy", "test_f1", "test_exact_match",
                  "test_mean_absolute_error"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.words(); }),
              Contains("validation mean absolute error"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.short_name(); }),
              ElementsAre("train loss", "train acc", "train F1", "train exact",
                          "train MAE", "valid loss", "valid acc", "valid F1",
                          "valid exact", "valid MAE", "test loss", "test acc",
                          "test F1", "test exact", "test MAE"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.tag(); }),
              AllOf(Contains("train/loss"), Contains("validation/accuracy"),
                    Contains("test/f1")));
}

TEST(MetricsRecordTest, EachMetricHasItsOwnField) {
  MetricsRecord record;
  for (size_t i = 0; i < kMetrics.size(); ++i) record.*kMetrics[i].value = i;
  EXPECT_EQ(record.train_loss, 0);
  EXPECT_EQ(record.train_accuracy, 1);
  EXPECT_EQ(record.train_mean_absolute_error, 4);
  EXPECT_EQ(record.validation_f1, 7);
  EXPECT_EQ(record.test_exact_match, 13);
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
                        .labels = {.true_positives = 3, .false_positives = 2},
                        .exact = 1}),
              ElementsAre(Pair("test_exact_match", 0.25), Pair("test_f1", 0.75),
                          Pair("test_loss", 0.5)));
  EXPECT_THAT(measured({.examples = 4,
                        .loss_sum = 2,
                        .values = {.numbers = 8, .absolute_sum = 2}}),
              ElementsAre(Pair("test_loss", 0.5),
                          Pair("test_mean_absolute_error", 0.25)));
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
