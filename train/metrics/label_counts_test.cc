#include "lenslet/train/metrics/label_counts.h"

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

//            label a            b                  c
//   scores   1 2 -1 -1          1 -1 -1 -1         -1 -1 -1 0
//   targets  1 0  1  0          1  0  1  1          0  0  0 0
//   counts   1 TP 1 FP 1 FN 1 TN   1 TP 2 FN 1 TN     4 TN
//
// The first example alone is exact: the second has a wrong a, the third a and
// b, the fourth b.
LabelMetrics Example() {
  return CountLabels(
      std::vector<float>{1, 1, -1, 2, -1, -1, -1, -1, -1, -1, -1, 0},
      std::vector<float>{1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0}, 3, 0);
}

TEST(LabelCountsTest, ByHand) {
  const LabelMetrics metrics = Example();
  EXPECT_EQ(metrics.examples, 4);
  ASSERT_EQ(metrics.labels.size(), 3u);
  const LabelCounts& a = metrics.labels[0];
  EXPECT_EQ(a.true_positives, 1);
  EXPECT_EQ(a.false_positives, 1);
  EXPECT_EQ(a.false_negatives, 1);
  EXPECT_EQ(a.true_negatives, 1);
  EXPECT_EQ(a.precision(), 0.5);
  EXPECT_EQ(a.recall(), 0.5);
  EXPECT_EQ(a.f1(), 0.5);
  const LabelCounts& b = metrics.labels[1];
  EXPECT_EQ(b.precision(), 1);
  EXPECT_EQ(b.recall(), 1.0 / 3);
  EXPECT_EQ(b.f1(), 0.5);
  EXPECT_EQ(metrics.exact_match(), 0.25);
  EXPECT_EQ(metrics.hamming_loss(), 4.0 / 12);
}

TEST(LabelCountsTest, WhatIsUndefinedIsAbsent) {
  const LabelCounts c = Example().labels[2];
  EXPECT_EQ(c.true_negatives, 4);
  EXPECT_EQ(c.precision(), std::nullopt);
  EXPECT_EQ(c.recall(), std::nullopt);
  EXPECT_EQ(c.f1(), std::nullopt);
  const LabelMetrics none = CountLabels({}, {}, 2, 0);
  EXPECT_EQ(none.exact_match(), 0);
  EXPECT_EQ(none.hamming_loss(), 0);
  EXPECT_EQ(none.macro_f1(), std::nullopt);
  // A label that never applies but is predicted: wrong, with a precision of 0.
  const LabelCounts wrong = CountLabels({1}, {0}, 1, 0).labels[0];
  EXPECT_EQ(wrong.precision(), 0);
  EXPECT_EQ(wrong.recall(), std::nullopt);
  EXPECT_EQ(wrong.f1(), 0);
}

// All labels together have 2 true and 1 false positive, and 3 false negatives.
TEST(LabelCountsTest, Averages) {
  const LabelMetrics metrics = Example();
  EXPECT_EQ(metrics.micro().precision(), 2.0 / 3);
  EXPECT_EQ(metrics.micro().recall(), 2.0 / 5);
  EXPECT_EQ(metrics.micro().f1(), 4.0 / 8);
  EXPECT_EQ(metrics.macro_precision(), 0.75);
  EXPECT_EQ(metrics.macro_recall(), (0.5 + 1.0 / 3) / 2);
  EXPECT_EQ(metrics.macro_f1(), 0.5);
}

TEST(LabelCountsTest, AddUp) {
  LabelMetrics sum;
  sum.Add(CountLabels(std::vector<float>{1, 1, -1, 2, -1, -1},
                      std::vector<float>{1, 1, 0, 0, 0, 0}, 3, 0));
  sum.Add(LabelMetrics());
  sum.Add(CountLabels(std::vector<float>{-1, -1, -1, -1, -1, 0},
                      std::vector<float>{1, 1, 0, 0, 1, 0}, 3, 0));
  const LabelMetrics all = Example();
  EXPECT_EQ(sum.examples, all.examples);
  EXPECT_EQ(sum.exact, all.exact);
  ASSERT_EQ(sum.labels.size(), all.labels.size());
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(sum.labels[i].true_positives, all.labels[i].true_positives);
    EXPECT_EQ(sum.labels[i].false_positives, all.labels[i].false_positives);
    EXPECT_EQ(sum.labels[i].false_negatives, all.labels[i].false_negatives);
    EXPECT_EQ(sum.labels[i].true_negatives, all.labels[i].true_negatives);
  }
}

TEST(LabelCountsTest, TheThresholdMustBeExceeded) {
  const std::vector<float> scores = {0.5f, 0.75f, NAN};
  const LabelMetrics metrics =
      CountLabels(scores, std::vector<float>{1, 0.5f, 0.25f}, 1, 0.5f);
  EXPECT_EQ(metrics.labels[0].false_negatives, 1);
  EXPECT_EQ(metrics.labels[0].true_positives, 1);
  EXPECT_EQ(metrics.labels[0].true_negatives, 1);
}

}  // namespace
}  // namespace lenslet
