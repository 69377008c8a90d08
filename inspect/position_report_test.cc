#include "lenslet/inspect/position_report.h"

#include <limits>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/tensor/tensor.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Of two examples of two positions and three classes, the last of which is
// neither there nor predicted: 0 and 1 right, then 0 right and 1 taken for 0.
absl::StatusOr<PositionReport> OfThreeClasses() {
  return MakePositionReport({9, 1, 0, 1, 9, 0, 9, 1, 0, 9, 1, 0}, {0, 1, 0, 1},
                            /*examples=*/2, {"ground", "disk", "none"});
}

TEST(PositionReport, MeasuresEachClassAndExample) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const PositionReport report, OfThreeClasses());
  EXPECT_EQ(report.positions, 4);
  EXPECT_EQ(report.correct, 3);
  EXPECT_EQ(report.classes[0].support, 2);
  EXPECT_EQ(report.classes[0].predicted, 3);
  EXPECT_DOUBLE_EQ(*report.classes[0].intersection_over_union, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*report.classes[1].intersection_over_union, 0.5);
  EXPECT_FALSE(report.classes[2].intersection_over_union.has_value());
  EXPECT_EQ(report.examples_by_accuracy[0].index, 1);
  EXPECT_EQ(report.examples_by_accuracy[0].accuracy, 0.5);
}

// The second position of each example does not count, nor does the third
// example.
TEST(PositionReport, LeavesOutIgnoredPositions) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const PositionReport report,
      MakePositionReport(
          {9, 1, 1, 9, 9, 1, 9, 1, 9, 1, 1, 9},
          {0, kIgnoredClass, 1, kIgnoredClass, kIgnoredClass, kIgnoredClass},
          /*examples=*/3, {"ground", "disk"}));
  EXPECT_EQ(report.examples, 3);
  EXPECT_EQ(report.positions, 2);
  EXPECT_EQ(report.correct, 1);
  EXPECT_EQ(report.classes[0].support, 1);
  EXPECT_EQ(report.classes[1].support, 1);
  EXPECT_EQ(report.classes[1].predicted, 0);
  ASSERT_EQ(report.examples_by_accuracy.size(), 2);
  EXPECT_EQ(report.examples_by_accuracy[0].index, 1);
  EXPECT_EQ(report.examples_by_accuracy[1].accuracy, 1);
}

TEST(PositionReport, Prints) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const PositionReport report, OfThreeClasses());
  EXPECT_EQ(PositionSummary(report),
            "accuracy of positions  0.7500  3 of 4\n"
            "mean IoU               0.5833\n");
  EXPECT_EQ(PositionTable(report),
            "   class   positions  predicted  right     IoU\n"
            "0  ground          2          3      2  0.6667\n"
            "1  disk            2          1      1  0.5000\n"
            "2  none            0          0      0       -\n");
  EXPECT_EQ(PositionConfusionTable(report),
            "   class   ground  disk  none\n"
            "0  ground       2     0     0\n"
            "1  disk         1     1     0\n"
            "2  none         0     0     0\n");
  EXPECT_EQ(WorstExampleTable(report, 1),
            "example  accuracy of positions\n"
            "      1                 0.5000\n");
}

TEST(PositionReport, AsJson) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const PositionReport report, OfThreeClasses());
  const nlohmann::ordered_json json = PositionReportToJson(report);
  EXPECT_EQ(json["accuracy"], 0.75);
  EXPECT_EQ(json["confusion"][1][0], 1);
  EXPECT_TRUE(json["classes"][2]["intersection_over_union"].is_null());
}

TEST(PositionReport, RejectsWhatDoesNotFit) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(
      MakePositionReport({0, nan}, {0}, 1, {"a", "b"}).status().message(),
      HasSubstr("position 0 has score nan of class 1"));
  EXPECT_THAT(MakePositionReport({0, 0}, {2}, 1, {"a", "b"}).status().message(),
              HasSubstr("position 0 has class 2"));
  EXPECT_FALSE(MakePositionReport({0, 0}, {0, 0}, 1, {"a", "b"}).ok());
}

TEST(PositionReport, OfADataSet) {
  ExampleArrays arrays = {.inputs = Tensor({2, 1, 2, 1}, ElementType::kUint8),
                          .targets = Tensor({2, 1, 2}, ElementType::kUint8)};
  arrays.targets.data<uint8_t>()[3] = 1;
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               MakeDataset(std::move(arrays), {"a", "b"}));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const PositionReport report,
      MakePositionReport(Tensor({2, 1, 2, 2}), dataset));
  EXPECT_EQ(report.positions, 4);
  EXPECT_EQ(report.correct, 3);
}

}  // namespace
}  // namespace lenslet
