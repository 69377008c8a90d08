#include "lenslet/train/metrics/auc.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/train/metrics/ratio.h"

namespace lenslet {
namespace {

std::optional<double> Auc(const std::vector<float>& scores,
                          const std::vector<float>& targets) {
  return AucOfLabels(scores, targets, 1)[0];
}

// Of the four pairs, 0.35 is below 0.4.
TEST(AucTest, ByHand) {
  EXPECT_EQ(Auc({0.1f, 0.4f, 0.35f, 0.8f}, {0, 0, 1, 1}), 0.75);
  EXPECT_EQ(Auc({1, 2, 3, 4}, {0, 0, 1, 1}), 1);
  EXPECT_EQ(Auc({1, 2, 3, 4}, {1, 1, 0, 0}), 0);
  EXPECT_EQ(Auc({5, 5, 5}, {1, 0, 1}), 0.5);
  // 2 > 1, 2 = 2: of the two pairs, one and a half.
  EXPECT_EQ(Auc({1, 2, 2}, {0, 1, 0}), 0.75);
  EXPECT_EQ(Auc({-INFINITY, 0, INFINITY}, {0, 0, 1}), 1);
}

TEST(AucTest, WithoutPairsIsAbsent) {
  EXPECT_EQ(Auc({1, 2}, {1, 1}), std::nullopt);
  EXPECT_EQ(Auc({1, 2}, {0, 0}), std::nullopt);
  EXPECT_EQ(Auc({}, {}), std::nullopt);
  EXPECT_EQ(Auc({1, NAN, 2}, {0, 1, 1}), std::nullopt);
}

TEST(AucTest, AgreesWithAllPairs) {
  constexpr int64_t kExamples = 60;
  constexpr int64_t kLabels = 5;
  Random random(/*seed=*/2);
  std::vector<float> scores;
  std::vector<float> targets;
  for (int64_t i = 0; i < kExamples * kLabels; ++i) {
    // With many ties in some labels.
    scores.push_back(
        static_cast<float>(random.Below(i % kLabels < 2 ? 5 : 1000)) - 2);
    targets.push_back(random.Below(3) == 0 ? 1 : 0);
  }
  const std::vector<std::optional<double>> actual =
      AucOfLabels(scores, targets, kLabels);
  ASSERT_EQ(actual.size(), 5u);
  double sum = 0;
  for (int64_t i = 0; i < kLabels; ++i) {
    double better = 0;
    double pairs = 0;
    for (int64_t a = 0; a < kExamples; ++a) {
      for (int64_t b = 0; b < kExamples; ++b) {
        const int64_t x = a * kLabels + i;
        const int64_t y = b * kLabels + i;
        if (targets[x] == 0 || targets[y] == 1) continue;
        ++pairs;
        better += scores[x] > scores[y] ? 1 : scores[x] == scores[y] ? 0.5 : 0;
      }
    }
    EXPECT_EQ(actual[i], better / pairs) << i;
    sum += better / pairs;
  }
  EXPECT_DOUBLE_EQ(*MeanOfPresent(actual), sum / 5);
}

}  // namespace
}  // namespace lenslet
