#include "lenslet/train/metrics/top_k.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/data/target_kind.h"

namespace lenslet {
namespace {

// The labels are second, first, and third of 4.
TEST(TopKTest, ByHand) {
  const std::vector<float> scores = {1, 3, 2, 0, 5, 1, 1, 1, -1, -2, -3, -4};
  const std::vector<int32_t> labels = {2, 0, 2};
  EXPECT_EQ(CountTopK(scores, 4, labels, 1), 1);
  EXPECT_EQ(CountTopK(scores, 4, labels, 2), 2);
  EXPECT_EQ(CountTopK(scores, 4, labels, 3), 3);
  EXPECT_EQ(CountTopK(scores, 4, labels, 9), 3);
}

TEST(TopKTest, CountsTheFirstInTheSamePass) {
  const std::vector<float> scores = {1, 3, 2, 0, 5, 1, 1, 1, -1, -2, -3, -4};
  const TopCounts counts =
      CountTop(scores, 4, std::vector<int32_t>{2, 0, 2}, /*k=*/2);
  EXPECT_EQ(counts.first, 1);
  EXPECT_EQ(counts.top_k, 2);
}

TEST(TopKTest, IgnoredRowsAreNowhere) {
  EXPECT_EQ(CountTopK(std::vector<float>{1, 0, 0, 1}, 2,
                      std::vector<int32_t>{kIgnoredClass, 1}, 2),
            1);
}

TEST(TopKTest, OfEqualScoresTheFirstWins) {
  const std::vector<float> scores = {7, 7, 7};
  for (int32_t label = 0; label < 3; ++label) {
    for (int64_t k = 1; k < 4; ++k) {
      EXPECT_EQ(CountTopK(scores, 3, {label}, k), label < k);
    }
  }
}

TEST(TopKTest, ANaNIsNoSuccess) {
  EXPECT_EQ(CountTopK(std::vector<float>{NAN, 1, 2}, 3, {0}, 3), 0);
  EXPECT_EQ(CountTopK(std::vector<float>{1, NAN, 2}, 3, {2}, 1), 0);
  EXPECT_EQ(CountTopK(std::vector<float>{1, NAN, 2}, 3, {2}, 2), 1);
}

TEST(TopKTest, AgreesWithSorting) {
  Random random(/*seed=*/1);
  for (int i = 0; i < 200; ++i) {
    std::vector<float> scores(6);
    for (float& score : scores) score = static_cast<float>(random.Below(4));
    const auto label = static_cast<int32_t>(random.Below(6));
    std::vector<int32_t> order = {0, 1, 2, 3, 4, 5};
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return scores[a] > scores[b];
    });
    for (int64_t k = 1; k < 7; ++k) {
      EXPECT_EQ(CountTopK(scores, 6, {label}, k),
                std::count(order.begin(), order.begin() + k, label));
    }
  }
}

}  // namespace
}  // namespace lenslet
