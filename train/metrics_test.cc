#include "lenslet/train/metrics.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

TEST(MetricsTest, WeighsTheLoss) {
  Metrics metrics = {.examples = 4, .loss_sum = 3};
  EXPECT_EQ(metrics.loss(), 0.75);
  metrics.Add({.examples = 4, .loss_sum = 1, .weight_sum = 0.5});
  EXPECT_EQ(metrics.examples, 8);
  EXPECT_EQ(metrics.weights(), 4.5);
  EXPECT_EQ(metrics.loss(), 4 / 4.5);
  metrics.Add({.examples = 2});
  EXPECT_EQ(metrics.weights(), 6.5);
  EXPECT_EQ((Metrics{.examples = 2, .weight_sum = 0}).loss(), 0);
}

TEST(MetricsTest, AreMeansOverExamples) {
  Metrics metrics = {
      .examples = 4, .loss_sum = 10, .predictions = 4, .correct = 3};
  EXPECT_EQ(metrics.loss(), 2.5);
  EXPECT_EQ(metrics.accuracy(), 0.75);
  metrics.Add({.examples = 4, .loss_sum = 2, .predictions = 4, .correct = 1});
  EXPECT_EQ(metrics.loss(), 1.5);
  EXPECT_EQ(metrics.accuracy(), 0.5);
}

TEST(MetricsTest, ASumWithAPartThatLacksTheTopFiveLacksItToo) {
  const Metrics with = {.predictions = 4, .correct = 1, .in_top_5 = 3};
  const Metrics without = {.predictions = 4, .correct = 1};
  Metrics metrics;
  metrics.Add(with);
  metrics.Add({});
  metrics.Add(with);
  EXPECT_EQ(metrics.in_top_5, 6);
  metrics.Add(without);
  metrics.Add(with);
  EXPECT_EQ(metrics.in_top_5, std::nullopt);
  EXPECT_EQ(metrics.correct, 4);
}

TEST(MetricsTest, SumsLackWhatIsOfWholeSets) {
  Metrics metrics = {.auc = 0.5, .r2 = 0.5};
  metrics.Add({.auc = 1, .r2 = 1});
  EXPECT_EQ(metrics.auc, std::nullopt);
  EXPECT_EQ(metrics.r2, std::nullopt);
}

TEST(MetricsTest, OfNothingAreZero) {
  EXPECT_EQ(Metrics().loss(), 0);
  EXPECT_EQ(Metrics().accuracy(), 0);
}

TEST(CountCountedTest, LeavesOutIgnoredClasses) {
  EXPECT_EQ(CountCounted(std::vector<int32_t>{0, kIgnoredClass, 2}), 2);
  EXPECT_EQ(CountCounted({}), 0);
}

TEST(ArgMaxTest, IsTheFirstOfTheLargest) {
  EXPECT_EQ(ArgMax(std::vector<float>{-3, -1, -2}), 1);
  EXPECT_EQ(ArgMax(std::vector<float>{1, 2, 2}), 1);
}

TEST(CountCorrectTest, LooksAtTheLabeledRowsOnly) {
  const Tensor scores = Tensor::Of({3, 2}, {1, 0, 0, 1, 1, 0});
  EXPECT_EQ(CountCorrect(scores.view(), std::vector<int32_t>{0, 1, 0}), 3);
  EXPECT_EQ(CountCorrect(scores.view(), std::vector<int32_t>{0, 0}), 1);
}

}  // namespace
}  // namespace lenslet
