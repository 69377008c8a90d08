#include "lenslet/train/runs/metrics_record.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Text>
std::vector<std::string> OfAll(const Text& text) {
  std::vector<std::string> texts;
  for (const Metric& metric : kMetrics) texts.push_back(text(metric));
  return texts;
}

// The names of files that others read: they stay.
TEST(MetricsRecordTest, MetricsHaveTheirNames) {
  EXPECT_THAT(OfAll([](const Metric& m) { return m.name(); }),
              ElementsAre("train_loss", "train_accuracy", "validation_loss",
                          "validation_accuracy", "test_loss", "test_accuracy"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.words(); }),
              ElementsAre("train loss", "train accuracy", "validation loss",
                          "validation accuracy", "test loss", "test accuracy"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.short_name(); }),
              ElementsAre("train loss", "train acc", "valid loss", "valid acc",
                          "test loss", "test acc"));
  EXPECT_THAT(OfAll([](const Metric& m) { return m.tag(); }),
              ElementsAre("train/loss", "train/accuracy", "validation/loss",
                          "validation/accuracy", "test/loss", "test/accuracy"));
}

TEST(MetricsRecordTest, EachMetricHasItsOwnField) {
  MetricsRecord record;
  for (size_t i = 0; i < kMetrics.size(); ++i) record.*kMetrics[i].value = i;
  EXPECT_EQ(record.train_loss, 0);
  EXPECT_EQ(record.train_accuracy, 1);
  EXPECT_EQ(record.validation_loss, 2);
  EXPECT_EQ(record.validation_accuracy, 3);
  EXPECT_EQ(record.test_loss, 4);
  EXPECT_EQ(record.test_accuracy, 5);
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
