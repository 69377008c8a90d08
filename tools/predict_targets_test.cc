#include "lenslet/tools/predict_targets.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(PredictTargets, OfValues) {
  ExampleArrays arrays = {.inputs = Tensor({3, 1}),
                          .targets = Tensor({3, 2}),
                          .kind = TargetKind::kValues};
  arrays.targets.data()[5] = 2.5;
  const Dataset dataset = *MakeDataset(std::move(arrays), {"price", "days"});
  Tensor outputs({2, 2});  // Of examples 1 and 2.
  outputs.data()[3] = 2;
  EXPECT_EQ(*TargetsText(dataset, 2, outputs, 1, "test"),
            "test example 2\n"
            "  value  true  predicted\n"
            "  price     0          0\n"
            "  days    2.5          2\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const nlohmann::ordered_json json,
                               TargetsJson(dataset, 2, outputs, 1, "test"));
  EXPECT_EQ(json["test_example"], 2);
  EXPECT_EQ(json["mean_absolute_error"], 0.25);
  EXPECT_EQ(json["values"][1]["true"], 2.5);
  EXPECT_EQ(json["values"][1]["predicted"], 2);
}

TEST(PredictTargets, OfManyValuesIsTheMeanError) {
  ExampleArrays arrays = {.inputs = Tensor({1, 1}),
                          .targets = Tensor({1, 8, 8, 1}),
                          .kind = TargetKind::kValues};
  const Dataset dataset = *MakeDataset(std::move(arrays), {});
  Tensor outputs({1, 8, 8, 1});
  outputs.data()[9] = -32;
  EXPECT_EQ(*TargetsText(dataset, 0, outputs, 0, "test"),
            "test example 0\n  mean absolute error of 64 values: 0.5\n");
}

TEST(PredictTargets, OfLabels) {
  ExampleArrays arrays = {.inputs = Tensor({1, 1}),
                          .targets = Tensor({1, 2}, ElementType::kUint8),
                          .kind = TargetKind::kLabels};
  arrays.targets.data<uint8_t>()[1] = 1;
  const Dataset dataset = *MakeDataset(std::move(arrays), {"sea", "sky"});
  Tensor outputs({1, 2});
  outputs.data()[0] = -2;
  EXPECT_EQ(*TargetsText(dataset, 0, outputs, 0, "validation"),
            "validation example 0\n"
            "  label  applies  probability\n"
            "  sea    no            11.9 %\n"
            "  sky    yes           50.0 %\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const nlohmann::ordered_json json,
      TargetsJson(dataset, 0, outputs, 0, "validation"));
  EXPECT_EQ(json["labels"][1]["applies"], true);
  EXPECT_EQ(json["labels"][1]["probability"], 0.5);
}

TEST(PredictTargets, OfMaps) {
  ExampleArrays arrays = {.inputs = Tensor({1, 2, 2, 1}, ElementType::kUint8),
                          .targets = Tensor({1, 2, 2}, ElementType::kUint8)};
  arrays.targets.data<uint8_t>()[2] = 1;
  const Dataset dataset = *MakeDataset(std::move(arrays), {"ground", "disk"});
  const Tensor outputs({1, 2, 2, 2});
  EXPECT_THAT(*TargetsText(dataset, 0, outputs, 0, "test"),
              HasSubstr("  3 of 4 positions are right: 75.0 %\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const nlohmann::ordered_json json,
                               TargetsJson(dataset, 0, outputs, 0, "test"));
  EXPECT_EQ(json["positions"], 4);
  EXPECT_EQ(json["correct"], 3);
}

}  // namespace
}  // namespace lenslet
