#include "lenslet/inspect/threshold_curve.h"

#include <optional>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"

namespace lenslet {
namespace {

using ::testing::Optional;
using ::testing::SizeIs;

// Scores      0.9  0.8  0.8  0.4  0.2
// positive     x         x    x
//
//   at 0.9   1 of 3 recalled, precision 1,   0 of 2 wrong
//   at 0.8   2 of 3,          precision 2/3, 1 of 2
//   at 0.4   3 of 3,          precision 3/4, 1 of 2
//   at 0.2   3 of 3,          precision 3/5, 2 of 2
std::vector<ScoredTarget> Five() {
  return {
      {0.2f, false}, {0.8f, true}, {0.9f, true}, {0.4f, true}, {0.8f, false}};
}

TEST(ThresholdCurveTest, AnExampleByHand) {
  std::vector<ScoredTarget> examples = Five();
  const ThresholdCurve curve = MakeThresholdCurve(absl::MakeSpan(examples));
  ASSERT_THAT(curve.points, SizeIs(4));
  EXPECT_EQ(curve.points[0].threshold, 0.9f);
  EXPECT_DOUBLE_EQ(*curve.points[0].recall, 1.0 / 3);
  EXPECT_EQ(curve.points[0].precision, 1);
  EXPECT_EQ(curve.points[0].false_positive_rate, 0);
  EXPECT_DOUBLE_EQ(*curve.points[0].f1, 0.5);
  EXPECT_DOUBLE_EQ(*curve.points[1].precision, 2.0 / 3);
  EXPECT_EQ(curve.points[1].false_positive_rate, 0.5);
  EXPECT_EQ(curve.points[2].precision, 0.75);
  EXPECT_EQ(curve.points[3].false_positive_rate, 1);
  // Of 6 pairs, 4 are in the right order and one is tied.
  EXPECT_THAT(curve.auc, Optional(testing::DoubleEq(4.5 / 6)));
  EXPECT_THAT(curve.average_precision,
              Optional(testing::DoubleEq((1 + 2.0 / 3 + 0.75) / 3)));
}

TEST(ThresholdCurveTest, PerfectAndUselessScores) {
  std::vector<ScoredTarget> perfect = {{0.5f, true}, {0.75f, true}, {0, false}};
  EXPECT_THAT(MakeThresholdCurve(absl::MakeSpan(perfect)).auc, Optional(1.0));
  EXPECT_THAT(MakeThresholdCurve(absl::MakeSpan(perfect)).average_precision,
              Optional(1.0));
  std::vector<ScoredTarget> same(10, {0.5f, false});
  same[3].positive = true;
  EXPECT_THAT(MakeThresholdCurve(absl::MakeSpan(same)).auc, Optional(0.5));
  EXPECT_THAT(MakeThresholdCurve(absl::MakeSpan(same)).average_precision,
              Optional(0.1));
  std::vector<ScoredTarget> none(3, {0.5f, false});
  EXPECT_FALSE(MakeThresholdCurve(absl::MakeSpan(none)).auc.has_value());
  EXPECT_THAT(MakeThresholdCurve(absl::MakeSpan(none)).points, SizeIs(0));
}

TEST(ThresholdCurveTest, LongCurvesAreThinnedWithTheirEnds) {
  Random random(1);
  std::vector<ScoredTarget> examples;
  for (int i = 0; i < 5000; ++i) {
    examples.push_back(
        {static_cast<float>(random.Uniform()), random.Below(2) == 1});
  }
  const ThresholdCurve curve = MakeThresholdCurve(absl::MakeSpan(examples));
  ASSERT_THAT(curve.points, SizeIs(ThresholdCurve::kMaxPoints));
  EXPECT_EQ(curve.points.back().recall, 1);
  EXPECT_EQ(curve.points.back().false_positive_rate, 1);
  EXPECT_LT(*curve.points.front().recall, 0.01);
}

TEST(ThresholdCurveTest, APointCountsScoresOfAtLeastTheThreshold) {
  const ThresholdPoint point = PointAt(Five(), 0.8f);
  EXPECT_DOUBLE_EQ(*point.precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*point.recall, 2.0 / 3);
  // Nothing is predicted.
  EXPECT_EQ(PointAt(Five(), 2).precision, std::nullopt);
  EXPECT_EQ(PointAt(Five(), 2).recall, 0);
  EXPECT_EQ(PointAt(Five(), 2).f1, 0);
}

}  // namespace
}  // namespace lenslet
