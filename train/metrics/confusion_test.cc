#include "lenslet/train/metrics/confusion.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/data/target_kind.h"

namespace lenslet {
namespace {

//   labels       0 0 0 1 1
//   predictions  0 0 1 1 0
//
// Class 0 has 3 positions and 3 predictions, 2 of them the same; class 1 has 2
// and 2, with 1; class 2 has none.
const std::vector<float> kScores = {9, 1, 1, 9, 1, 1, 1, 9,
                                    1, 1, 9, 1, 9, 1, 1};
const std::vector<int32_t> kLabels = {0, 0, 0, 1, 1};

TEST(ConfusionTest, ByHand) {
  const Confusion confusion = CountConfusion(kScores, 3, kLabels);
  EXPECT_EQ(confusion.counts,
            (std::vector<int64_t>{2, 1, 0, 1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(confusion.count(0, 1), 1);
  EXPECT_EQ(confusion.accuracy(), 0.6);
  EXPECT_EQ(confusion.intersection_over_union(0), 2.0 / 4);
  EXPECT_EQ(confusion.intersection_over_union(1), 1.0 / 3);
  EXPECT_EQ(confusion.intersection_over_union(2), std::nullopt);
  EXPECT_EQ(confusion.mean_intersection_over_union(), (0.5 + 1.0 / 3) / 2);
}

TEST(ConfusionTest, LeavesOutIgnoredPositions) {
  const Confusion confusion = CountConfusion(
      kScores, 3, std::vector<int32_t>{0, kIgnoredClass, 0, 1, kIgnoredClass});
  EXPECT_EQ(confusion.counts,
            (std::vector<int64_t>{1, 1, 0, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(confusion.positions(), 3);
  EXPECT_EQ(confusion.accuracy(), 2.0 / 3);
}

TEST(ConfusionTest, AddsUp) {
  const absl::Span<const float> scores = kScores;
  const absl::Span<const int32_t> labels = kLabels;
  Confusion sum;
  sum.Add(CountConfusion(scores.first(6), 3, labels.first(2)));
  sum.Add(Confusion());
  sum.Add(CountConfusion(scores.subspan(6), 3, labels.subspan(2)));
  EXPECT_EQ(sum.counts, CountConfusion(kScores, 3, kLabels).counts);
  EXPECT_EQ(sum.classes, 3);
}

TEST(ConfusionTest, OfNothing) {
  EXPECT_EQ(Confusion().accuracy(), 0);
  EXPECT_EQ(Confusion().mean_intersection_over_union(), std::nullopt);
  const Confusion empty = CountConfusion({}, 2, {});
  EXPECT_EQ(empty.accuracy(), 0);
  EXPECT_EQ(empty.mean_intersection_over_union(), std::nullopt);
}

// The first of equal scores; a class that is predicted but never right has 0.
TEST(ConfusionTest, OfTies) {
  const Confusion confusion =
      CountConfusion(std::vector<float>{5, 5}, 2, std::vector<int32_t>{1});
  EXPECT_EQ(confusion.count(1, 0), 1);
  EXPECT_EQ(confusion.intersection_over_union(0), 0);
  EXPECT_EQ(confusion.mean_intersection_over_union(), 0);
}

}  // namespace
}  // namespace lenslet
