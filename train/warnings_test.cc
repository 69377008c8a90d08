#include "lenslet/train/warnings.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

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
    return WarnOfLimitedScores(graph, loss);
  };
  ASSERT_TRUE(warn("relu", CrossEntropySpec()).has_value());
  EXPECT_THAT(warn("relu", CrossEntropySpec())->text,
              AllOf(HasSubstr("\"last\", which limits its scores"),
                    HasSubstr("leave the layer out")));
  ASSERT_TRUE(warn("sigmoid", SigmoidCrossEntropySpec()).has_value());
  EXPECT_FALSE(warn("relu", MeanSquaredErrorSpec()).has_value());
  EXPECT_FALSE(warn("leaky_relu", CrossEntropySpec()).has_value());
}

TEST(WarningsTest, LayersThatOnlyArrangeMayFollowTheActivation) {
  const Graph graph = GraphOf(R"(
    input { name: "x" shape: [1, 1, 3] }
    layer { name: "conv" conv2d { output_channels: 4 kernel: 1 } }
    layer { name: "a" relu {} }
    layer { name: "drop" dropout { rate: 0.5 } }
    layer { name: "flat" flatten {} })");
  const auto warning = WarnOfLimitedScores(graph, CrossEntropySpec());
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(warning->text,
              AllOf(HasSubstr("\"a\" (before Dropout \"drop\" and Flatten "
                              "\"flat\"), which limits its scores"),
                    HasSubstr("leave the layer out")));
  // NiN and SqueezeNet end so, and learn.
  EXPECT_FALSE(WarnOfLimitedScores(GraphOf(R"(
    input { name: "x" shape: [2, 2, 4] }
    layer { name: "a" relu {} }
    layer { name: "pool" global_avg_pool {} }
    layer { name: "flat" flatten {} })"),
                                   CrossEntropySpec())
                   .has_value());
}

TEST(WarningsTest, EachLossExpectsItsScores) {
  const auto why = [](const char* activation, const LossKind& loss) {
    const Graph graph = GraphOf(
        absl::StrCat(R"(input { name: "x" shape: [3] } layer { name: "last" )",
                     activation, " }"));
    const auto warning = WarnOfLimitedScores(graph, loss);
    return warning.has_value() ? warning->text : "";
  };
  EXPECT_THAT(why("relu {}", HingeSpec()),
              HasSubstr("hinge lowers the scores of wrong classes, which pass "
                        "no gradient at their limit; leave the layer out"));
  EXPECT_THAT(why("relu {}", SumHingeSpec()), HasSubstr("sum-hinge lowers"));
  EXPECT_THAT(why("sigmoid {}", HingeSpec()),
              HasSubstr("expects scores that differ by more than 1"));
  EXPECT_THAT(why("tanh {}", HingeSpec{.margin = 2}),
              HasSubstr("expects scores that differ by more than 2"));
  EXPECT_EQ(why("tanh {}", HingeSpec()), "");
  EXPECT_EQ(why("leaky_relu {}", HingeSpec()), "");
  EXPECT_THAT(why("gelu {}", CrossEntropySpec()),
              HasSubstr("expects scores of any value"));
  EXPECT_THAT(why("clip { min: -1 max: 1 }", FocalSpec()),
              HasSubstr("expects scores of any value"));
  EXPECT_EQ(why("sigmoid {}", MeanSquaredErrorSpec()), "");
  EXPECT_THAT(why("clip { min: -1 max: 0 }", MeanSquaredErrorSpec()),
              HasSubstr("fits scores to 0 and 1"));
  EXPECT_EQ(why("relu {}", HuberSpec()), "");
}

TEST(WarningsTest, RareClassesThatAreMadeUpForTwice) {
  EXPECT_FALSE(WarnOfTwoBalances(true, false).has_value());
  EXPECT_FALSE(WarnOfTwoBalances(false, true).has_value());
  ASSERT_TRUE(WarnOfTwoBalances(true, true).has_value());
  EXPECT_THAT(WarnOfTwoBalances(true, true)->text,
              HasSubstr("make up for rare classes twice; leave one"));
}

TEST(WarningsTest, ClassesThatAWeightLeavesOut) {
  EXPECT_FALSE(NoteOfZeroWeights("f", {1.0, 2.0}, {}).has_value());
  const auto note =
      NoteOfZeroWeights("sampling.class_weight", {0, 1, 0}, {"a", "b", "c"});
  ASSERT_TRUE(note.has_value());
  EXPECT_TRUE(note->is_note);
  EXPECT_EQ(note->text,
            "sampling.class_weight is 0 for classes \"a\", \"c\": the network "
            "does not learn from their examples");
  EXPECT_THAT(NoteOfZeroWeights("f", {0, 1}, {})->text,
              HasSubstr("for class 0: the network does not learn from its"));
}

TEST(WarningsTest, AWarmupThatOutlastsTheRun) {
  const ScheduleSpec schedule = {.base_rate = 0.5, .warmup_steps = 50};
  const auto warn = [&](int64_t total, WarmupUnit unit) {
    const auto warning = WarnOfWarmup(schedule, total, 10, unit);
    return warning.has_value() ? warning->text : "";
  };
  EXPECT_EQ(warn(51, WarmupUnit::kEpochs), "");
  EXPECT_EQ(warn(30, WarmupUnit::kEpochs),
            "the warm-up has 5.00 epochs, and the run 3.00: the learning rate "
            "never reaches 0.5; a shorter schedule.warmup_epochs or a longer "
            "run helps");
  EXPECT_EQ(warn(30, WarmupUnit::kSteps),
            "the warm-up has 50 steps, and the run 30: the learning rate "
            "never reaches 0.5; a shorter schedule.in_steps.warmup_steps or a "
            "longer run helps");
  EXPECT_FALSE(
      WarnOfWarmup({.base_rate = 0.5}, 1, 1, WarmupUnit::kEpochs).has_value());
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
            HasSubstr("a learning_rate below 0.9, such as 0.09")));
}

// Steps that are far too large leap away from the start, and the next ones lead
// back, to below it.
TEST(WarningsTest, ALossThatRoseDoesNotFall) {
  const LossSpec loss = {.kind = CrossEntropySpec()};
  const auto text = [&](double first, double mean) {
    const auto warning = WarnOfGuessing(loss, 3, 1,
                                        {.first = first,
                                         .now = first / 2,
                                         .begin = 2 * mean,
                                         .end = mean / 2,
                                         .mean = mean},
                                        5);
    return warning.has_value() ? warning->text : "";
  };
  EXPECT_EQ(text(1.347, 17.872),
            "the training loss of epoch 1 is 17.872, above 1.099, that of "
            "guessing: it has risen since 1.347 before the first step: steps "
            "are too large; a learning_rate below 5, such as 0.5, a warm-up or "
            "clip_norm may help");
  EXPECT_THAT(text(685.023, 1.162e7),
              AllOf(HasSubstr("it has risen since 685.023"),
                    HasSubstr("such as 0.5, data.normalization, a warm-up")));
}

// The loss of the best network of 3 classes is then 1.089, that of guessing
// 1.099.
TEST(WarningsTest, WithMuchLabelSmoothingGuessingSaysNothing) {
  const LossSpec much = {.kind = CrossEntropySpec{.label_smoothing = 0.9}};
  EXPECT_NEAR(LeastLoss(much, 3), -0.4 * std::log(0.4) - 0.6 * std::log(0.3),
              1e-12);
  EXPECT_FALSE(LossOfGuessing(much, 3).has_value());
  const LossSpec some = {.kind = CrossEntropySpec{.label_smoothing = 0.5}};
  EXPECT_EQ(LossOfGuessing(some, 3), std::log(3.0));
  EXPECT_EQ(LeastLoss({.kind = CrossEntropySpec()}, 3), 0);
  EXPECT_EQ(LeastLoss({.kind = HingeSpec()}, 3), 0);
  // Over the least, 0.868, these fall by more than a tenth and in the epoch by
  // more than 3%.
  const auto warning = WarnOfGuessing(some, 3, 2,
                                      {.first = 1.2,
                                       .now = 1.14,
                                       .lowest = 1.16,
                                       .begin = 1.15,
                                       .end = 1.135,
                                       .mean = 1.14},
                                      0.1);
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(warning->text, HasSubstr("it falls, from 1.200 before the first "
                                       "step to 1.140, and began too high"));
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
                    "steps are too small; a learning_rate above 1e-06, such "
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
      AllOf(
          HasSubstr("it falls, from 50.000 before the first step to 9.000, and "
                    "began too high; more epochs"),
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
  EXPECT_THAT(text({.mean = 3}), HasSubstr("another learning_rate than 1e-06"));
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

TEST(WarningsTest, AFractionThatSetsNothingAside) {
  EXPECT_FALSE(WarnOfNoValidation(0, 0).has_value());
  EXPECT_FALSE(WarnOfNoValidation(0.1, 1).has_value());
  ASSERT_TRUE(WarnOfNoValidation(0.1, 0).has_value());
  EXPECT_THAT(WarnOfNoValidation(0.1, 0)->text,
              HasSubstr("data.validation_fraction is 0.1, which sets no "
                        "example aside"));
}

TEST(WarningsTest, ALastLayerOfOtherClasses) {
  const std::vector<std::string> here = {"x", "b"};
  EXPECT_FALSE(WarnOfOtherClasses("a.ckpt", here, here).has_value());
  // It cannot have been taken.
  EXPECT_FALSE(WarnOfOtherClasses("a.ckpt", {}, here).has_value());
  // Classes without names may be any.
  EXPECT_FALSE(WarnOfOtherClasses("a.ckpt", {"0", "1"}, here).has_value());
  EXPECT_FALSE(WarnOfOtherClasses("a.ckpt", here, {"0", "1"}).has_value());
  // Other numbers are names.
  EXPECT_TRUE(
      WarnOfOtherClasses("a.ckpt", {"0", "1"}, {"-1", "1"}).has_value());
  const std::vector<std::string> there = {"a", "b"};
  ASSERT_TRUE(WarnOfOtherClasses("a.ckpt", there, here).has_value());
  EXPECT_THAT(WarnOfOtherClasses("a.ckpt", there, here)->text,
              AllOf(HasSubstr("from a.ckpt, which was trained for other "
                              "classes: class 0 is \"a\" there and \"x\" here"),
                    HasSubstr("another name of the layer starts it anew")));
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
