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
using ::testing::Not;

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
  const auto warn = [&](int64_t epoch, double mean) {
    return WarnOfGuessing(
        loss, 10, epoch,
        {.first = 2.35, .now = mean, .begin = mean, .end = mean, .mean = mean},
        0.9);
  };
  EXPECT_FALSE(warn(1, 2.5).has_value());
  EXPECT_TRUE(warn(1, 2.8).has_value());
  EXPECT_FALSE(warn(2, 2.3).has_value());
  ASSERT_TRUE(warn(2, 2.5).has_value());
  EXPECT_THAT(
      warn(2, 2.5)->text,
      AllOf(HasSubstr("the training loss of epoch 2 is 2.500, above "
                      "2.303, that of guessing: it has risen since 2.350 "
                      "before the first step: steps are too large"),
            HasSubstr("a learning rate below 0.9, such as 0.09")));
}

// The remedy of steps that are too large would make steps that are too small
// smaller still.
TEST(WarningsTest, StepsThatAreTooSmallAreNotTooLarge) {
  const LossSpec loss = {.kind = CrossEntropySpec()};
  const auto text = [&](const LossCourse& course) {
    const auto warning = WarnOfGuessing(loss, 10, 2, course, 1e-6);
    return warning.has_value() ? warning->text : "";
  };
  EXPECT_THAT(
      text({.first = 3.1,
            .now = 3,
            .lowest = 3.05,
            .begin = 3.04,
            .end = 3,
            .mean = 3}),
      AllOf(
          HasSubstr("it has hardly changed since 3.100 before the first step: "
                    "steps are too small; a learning rate above 1e-06, such "
                    "as 1e-05"),
          Not(HasSubstr("too large"))));
  // From a start that is far too high, but on its way.
  EXPECT_THAT(
      text({.first = 50,
            .now = 9,
            .lowest = 20,
            .begin = 12,
            .end = 9,
            .mean = 10}),
      AllOf(HasSubstr(
                "it falls, since 50.000 before the first step, and began too "
                "high; more epochs"),
            Not(HasSubstr("too large"))));
  EXPECT_THAT(text({.first = 50,
                    .now = 3,
                    .lowest = 3,
                    .begin = 3,
                    .end = 3,
                    .mean = 3}),
              HasSubstr("and falls no longer: steps are too large"));
  // It had learned.
  EXPECT_THAT(
      text({.first = 2.4,
            .now = 2.4,
            .lowest = 1,
            .begin = 2.4,
            .end = 2.4,
            .mean = 2.4}),
      HasSubstr("it has risen since an epoch of 1.000: steps are too large"));
  EXPECT_THAT(text({.mean = 3}), HasSubstr("another learning rate than 1e-06"));
}

TEST(WarningsTest, ABatchOfMoreExamplesThanThereAre) {
  EXPECT_FALSE(NoteOfLargeBatch(256, 256, 256).has_value());
  ASSERT_TRUE(NoteOfLargeBatch(256, 256, 255).has_value());
  EXPECT_TRUE(NoteOfLargeBatch(256, 256, 255)->is_note);
  EXPECT_EQ(NoteOfLargeBatch(256, 256, 255)->text,
            "batch_size is 256, and the training examples are 255: an epoch is "
            "a single step; a smaller batch_size makes more steps");
  EXPECT_THAT(NoteOfLargeBatch(1000, 2000, 1000)->text,
              HasSubstr("batch_size times accumulate_batches is 2,000"));
}

TEST(WarningsTest, AMetricThatIsUndefined) {
  EXPECT_EQ(WhyUndefined(MetricSplit::kValidation, kAuc, 1234),
            "each label applies to all or to none of the 1,234 validation "
            "examples; more or other validation examples, or another metric, "
            "such as validation_loss, help");
  EXPECT_THAT(WhyUndefined(MetricSplit::kTest, kR2, 1),
              HasSubstr("the same in all of the only test example;"));
}

TEST(WarningsTest, AChoiceByTestExamplesNamesItsMetric) {
  const auto warn = [](absl::string_view name) {
    return WarnOfTestMetric("save.best_by", *MetricByName(name));
  };
  ASSERT_TRUE(warn("test_accuracy").has_value());
  EXPECT_THAT(warn("test_accuracy")->text,
              HasSubstr("save.best_by is test_accuracy: the test examples"));
  EXPECT_FALSE(warn("accuracy").has_value());
}

}  // namespace
}  // namespace lenslet
