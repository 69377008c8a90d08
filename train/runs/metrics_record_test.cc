#include "lenslet/train/runs/metrics_record.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

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

}  // namespace
}  // namespace lenslet
