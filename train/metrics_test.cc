#include "lenslet/train/metrics.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

TEST(MetricsTest, AreMeansOverExamples) {
  Metrics metrics = {
      .examples = 4, .loss_sum = 10, .predictions = 4, .correct = 3};
  EXPECT_EQ(metrics.loss(), 2.5);
  EXPECT_EQ(metrics.accuracy(), 0.75);
  metrics.Add({.examples = 4, .loss_sum = 2, .predictions = 4, .correct = 1});
  EXPECT_EQ(metrics.loss(), 1.5);
  EXPECT_EQ(metrics.accuracy(), 0.5);
}

TEST(MetricsTest, OfNothingAreZero) {
  EXPECT_EQ(Metrics().loss(), 0);
  EXPECT_EQ(Metrics().accuracy(), 0);
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
