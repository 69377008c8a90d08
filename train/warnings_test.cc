#include "lenslet/train/warnings.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/models/testing/graph_of.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(WarningsTest, AnActivationBeforeTheLoss) {
  const auto warn = [](const char* activation, const LossKind& loss) {
    const Graph graph = GraphOf(absl::StrCat(
        R"(input { name: "x" shape: [3] }
           layer { name: "fc" linear { output_features: 4 } }
           layer { name: "last" )",
        activation, " {} }"));
    return WarnOfLimitedScores(graph.nodes().back(), loss);
  };
  ASSERT_TRUE(warn("relu", CrossEntropySpec()).has_value());
  EXPECT_THAT(warn("relu", CrossEntropySpec())->text,
              AllOf(HasSubstr("\"last\", which limits its scores"),
                    HasSubstr("leave the layer out")));
  ASSERT_TRUE(warn("sigmoid", SigmoidCrossEntropySpec()).has_value());
  EXPECT_FALSE(warn("relu", MeanSquaredErrorSpec()).has_value());
  EXPECT_FALSE(warn("leaky_relu", CrossEntropySpec()).has_value());
}

TEST(WarningsTest, AWarmupThatOutlastsTheRun) {
  const ScheduleSpec schedule = {.base_rate = 0.5, .warmup_steps = 50};
  EXPECT_FALSE(WarnOfWarmup(schedule, 51, 10).has_value());
  ASSERT_TRUE(WarnOfWarmup(schedule, 30, 10).has_value());
  EXPECT_THAT(WarnOfWarmup(schedule, 30, 10)->text,
              AllOf(HasSubstr("never reaches 0.5"),
                    HasSubstr("a shorter schedule.warmup_epochs")));
  EXPECT_FALSE(WarnOfWarmup({.base_rate = 0.5}, 1, 1).has_value());
}

TEST(WarningsTest, AScheduleThatRestarts) {
  ScheduleSpec before = {
      .kind = ScheduleKind::kPolynomial, .base_rate = 1, .length = 10};
  ScheduleSpec now = before;
  now.length = 20;
  ASSERT_TRUE(WarnOfRestart(before, now, 10, 20).has_value());
  EXPECT_THAT(WarnOfRestart(before, now, 10, 20)->text,
              AllOf(HasSubstr("is 0.5 again, after 0.1"),
                    HasSubstr("extend: HOLD_LAST_RATE")));
  now = before;
  now.hold_from = 10;
  EXPECT_FALSE(WarnOfRestart(before, now, 10, 20).has_value());
  const ScheduleSpec constant = {.base_rate = 1};
  EXPECT_FALSE(WarnOfRestart(constant, constant, 10, 20).has_value());
}

TEST(WarningsTest, BatchNormalizationOfSingleValues) {
  const Graph flat = GraphOf(R"(
    input { name: "x" shape: [3] }
    layer { name: "fc" linear { output_features: 4 } }
    layer { name: "norm" batch_norm {} })");
  const Graph maps = GraphOf(R"(
    input { name: "x" shape: [4, 4, 3] }
    layer { name: "norm" batch_norm {} })");
  ASSERT_TRUE(WarnOfBatchNorm(flat, 1, 32, 320).has_value());
  EXPECT_THAT(WarnOfBatchNorm(flat, 1, 32, 320)->text,
              AllOf(HasSubstr("layer \"norm\""), HasSubstr("each block"),
                    HasSubstr("a block of at least 2")));
  // 33 = 2 * 16 + 1; 321 = 10 * 32 + 1.
  EXPECT_TRUE(WarnOfBatchNorm(flat, 16, 33, 330).has_value());
  EXPECT_TRUE(WarnOfBatchNorm(flat, 16, 32, 321).has_value());
  EXPECT_FALSE(WarnOfBatchNorm(flat, 16, 32, 320).has_value());
  EXPECT_FALSE(WarnOfBatchNorm(flat, 16, 32, 330).has_value());
  // Each image has 16 values per channel.
  EXPECT_FALSE(WarnOfBatchNorm(maps, 1, 32, 320).has_value());
}

TEST(WarningsTest, ALossAboveThatOfGuessing) {
  const LossSpec loss = {.kind = CrossEntropySpec()};
  EXPECT_EQ(LossOfGuessing(loss, 10), std::log(10.0));
  EXPECT_EQ(LossOfGuessing({.kind = SigmoidCrossEntropySpec()}, 7),
            std::log(2.0));
  EXPECT_FALSE(LossOfGuessing({.kind = MeanSquaredErrorSpec()}, 1).has_value());
  EXPECT_FALSE(WarnOfGuessing(loss, 10, 1, 2.5, 0.9).has_value());
  EXPECT_TRUE(WarnOfGuessing(loss, 10, 1, 2.8, 0.9).has_value());
  EXPECT_FALSE(WarnOfGuessing(loss, 10, 2, 2.3, 0.9).has_value());
  ASSERT_TRUE(WarnOfGuessing(loss, 10, 2, 2.5, 0.9).has_value());
  EXPECT_THAT(WarnOfGuessing(loss, 10, 2, 2.5, 0.9)->text,
              AllOf(HasSubstr("the training loss of epoch 2 is 2.500, above "
                              "2.303, that of guessing"),
                    HasSubstr("a learning rate below 0.9, such as 0.09")));
}

}  // namespace
}  // namespace lenslet
