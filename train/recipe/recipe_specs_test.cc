#include "lenslet/train/recipe/recipe_specs.h"

#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RecipeProto ParsedRecipe(absl::string_view text) {
  return ParseRecipe(text, "test")->recipe;
}

TEST(RecipeSpecsTest, AnEmptyRecipeHasTheDefaults) {
  const RecipeProto recipe;
  EXPECT_EQ(MakeInitializer(recipe).kind, InitializerKind::kXavierUniform);
  EXPECT_EQ(MakeInitializer(recipe).scale, Initializer().scale);
  const OptimizerSpec optimizer = MakeOptimizerSpec(recipe);
  EXPECT_EQ(optimizer.kind, OptimizerKind::kSgd);
  EXPECT_EQ(optimizer.momentum, OptimizerSpec().momentum);
  EXPECT_EQ(optimizer.rms_decay, OptimizerSpec().rms_decay);
  EXPECT_EQ(optimizer.beta1, OptimizerSpec().beta1);
  EXPECT_EQ(optimizer.beta2, OptimizerSpec().beta2);
  EXPECT_EQ(optimizer.epsilon, OptimizerSpec().epsilon);
  EXPECT_EQ(optimizer.weight_decay, 0);
  EXPECT_EQ(UpdateSize(recipe), 256);
  EXPECT_EQ(MakePlateauOptions({}).patience, PlateauOptions().patience);
  EXPECT_EQ(MakePlateauOptions({}).gamma, PlateauOptions().gamma);
}

TEST(RecipeSpecsTest, WhatIsThereIsTaken) {
  const RecipeProto recipe = ParsedRecipe(R"(
    batch_size: 10 accumulate_batches: 3
    initializer { kind: NORMAL scale: 0.5 }
    optimizer {
      kind: RMSPROP momentum: 0.1 rms_decay: 0.2 beta1: 0.3 beta2: 0.4
      epsilon: 0.5 weight_decay: 0.6
    })");
  EXPECT_EQ(MakeInitializer(recipe).kind, InitializerKind::kNormal);
  EXPECT_EQ(MakeInitializer(recipe).scale, 0.5);
  const OptimizerSpec optimizer = MakeOptimizerSpec(recipe);
  EXPECT_EQ(optimizer.kind, OptimizerKind::kRmsprop);
  EXPECT_EQ(optimizer.momentum, 0.1);
  EXPECT_EQ(optimizer.rms_decay, 0.2);
  EXPECT_EQ(optimizer.beta1, 0.3);
  EXPECT_EQ(optimizer.beta2, 0.4);
  EXPECT_EQ(optimizer.epsilon, 0.5);
  EXPECT_EQ(optimizer.weight_decay, 0.6);
  EXPECT_EQ(UpdateSize(recipe), 30);
  EXPECT_EQ(StepsPerEpoch(recipe, 90), 3);
  EXPECT_EQ(StepsPerEpoch(recipe, 91), 4);
  EXPECT_EQ(StepsPerEpoch(recipe, 1), 1);
  EXPECT_EQ(TotalSteps(ParsedRecipe("epochs: 5"), 4), 20);
  EXPECT_EQ(TotalSteps(ParsedRecipe("steps: 7"), 4), 7);
}

ScheduleSpec Schedule(absl::string_view text) {
  const RecipeProto recipe = ParsedRecipe(
      absl::StrCat("learning_rate: 0.5 epochs: 10 schedule { ", text, " }"));
  const ScheduleSpec spec = MakeScheduleSpec(recipe, /*steps_per_epoch=*/4,
                                             /*total_steps=*/40);
  LENSLET_EXPECT_OK(Check(spec)) << text;
  return spec;
}

TEST(RecipeSpecsTest, SchedulesAreInSteps) {
  EXPECT_EQ(Schedule("").kind, ScheduleKind::kConstant);
  EXPECT_EQ(Schedule("").base_rate, 0.5);
  EXPECT_EQ(Schedule("warmup_epochs: 1.5").warmup_steps, 6);
  EXPECT_EQ(Schedule("warmup_epochs: 0.01").warmup_steps, 1);

  const ScheduleSpec step = Schedule("step { every_epochs: 2 gamma: 0.5 }");
  EXPECT_EQ(step.kind, ScheduleKind::kStep);
  EXPECT_EQ(step.interval, 8);
  EXPECT_EQ(step.gamma, 0.5);
  EXPECT_EQ(Schedule("step { every_epochs: 2 }").gamma, 0.1);

  // Drops at epochs of the run, whether there is a warm-up or not.
  EXPECT_THAT(Schedule("multi_step { epoch: [3, 6] }").milestones,
              ElementsAre(12, 24));
  EXPECT_THAT(
      Schedule("multi_step { epoch: [3, 6] } warmup_epochs: 1").milestones,
      ElementsAre(8, 20));

  EXPECT_EQ(Schedule("exponential {}").interval, 4);
  EXPECT_EQ(Schedule("inverse { decay: 2 }").decay, 0.5);
  EXPECT_EQ(Schedule("polynomial {}").power, 1);
  EXPECT_EQ(Schedule("cosine { end_rate: 0.1 } warmup_epochs: 1").length, 36);

  const ScheduleSpec cycle = Schedule("one_cycle {}");
  EXPECT_EQ(cycle.base_rate, 0.02);
  EXPECT_EQ(cycle.peak_rate, 0.5);
  EXPECT_EQ(cycle.peak_step, 12);
  EXPECT_EQ(cycle.length, 40);
  EXPECT_EQ(cycle.shape, CycleShape::kLinear);
  EXPECT_EQ(Schedule("one_cycle { peak_fraction: 0.2 }").peak_step, 8);
  EXPECT_EQ(Schedule("one_cycle { start_factor: 0.5 }").base_rate, 0.25);
  EXPECT_EQ(Schedule("one_cycle { cosine: true }").shape, CycleShape::kCosine);
  EXPECT_EQ(Schedule("one_cycle { low_momentum: 0.5 }").low_momentum, 0.5);
  EXPECT_FALSE(cycle.low_momentum.has_value());
}

// What programs show as probabilities and as values.
TEST(RecipeSpecsTest, ALossFitsWhatTheOutputsMean) {
  const auto status = [](absl::string_view loss, TargetKind target) {
    return MakeLossSpec(ParsedRecipe(absl::StrCat("loss { ", loss, " }")), {},
                        target)
        .status();
  };
  EXPECT_TRUE(status("sigmoid_focal {}", TargetKind::kLabels).ok());
  EXPECT_TRUE(status("huber {}", TargetKind::kValues).ok());
  EXPECT_THAT(status("huber {}", TargetKind::kLabels).message(),
              HasSubstr("huber fits the outputs themselves, and the targets "
                        "are labels; expected sigmoid_cross_entropy"));
  EXPECT_THAT(
      status("sigmoid_cross_entropy {}", TargetKind::kValues).message(),
      HasSubstr("fits the sigmoids of the outputs, and the targets are values; "
                "expected mean_squared_error"));
  EXPECT_THAT(status("balanced: true", TargetKind::kValues).message(),
              HasSubstr("loss.balanced: the targets are values"));
}

TEST(RecipeSpecsTest, Losses) {
  const auto loss = [](absl::string_view text) {
    return *MakeLossSpec(ParsedRecipe(absl::StrCat("loss { ", text, " }")),
                         {1, 3});
  };
  const auto smoothing = [&](absl::string_view text) {
    return std::get<CrossEntropySpec>(loss(text).kind).label_smoothing;
  };
  const auto margin = [&](absl::string_view text) {
    return std::get<HingeSpec>(loss(text).kind).margin;
  };
  EXPECT_EQ(smoothing(""), 0);
  EXPECT_TRUE(loss("").class_weights.empty());
  EXPECT_EQ(smoothing("cross_entropy { label_smoothing: 0.1 }"), 0.1);
  const auto by_label = [&](absl::string_view text) {
    return std::get<CrossEntropySpec>(loss(text).kind).weigh_by_label;
  };
  EXPECT_FALSE(by_label("cross_entropy { label_smoothing: 0.1 }"));
  EXPECT_TRUE(by_label("cross_entropy { weigh_by_label: true }"));
  EXPECT_EQ(Name(loss("mean_squared_error {}").kind), "mean_squared_error");
  EXPECT_EQ(margin("hinge {}"), 1);
  EXPECT_EQ(margin("hinge { margin: 2 }"), 2);
  const auto kind = [&](absl::string_view text) { return loss(text).kind; };
  EXPECT_TRUE(kind("sum_hinge {}") == LossKind(SumHingeSpec{.margin = 1}));
  EXPECT_TRUE(kind("sum_hinge { margin: 2 }") ==
              LossKind(SumHingeSpec{.margin = 2}));
  EXPECT_TRUE(kind("focal {}") == LossKind(FocalSpec{.gamma = 2}));
  EXPECT_TRUE(kind("focal { gamma: 0 }") == LossKind(FocalSpec{.gamma = 0}));
  EXPECT_TRUE(kind("mean_absolute_error {}") ==
              LossKind(MeanAbsoluteErrorSpec()));
  EXPECT_TRUE(kind("huber {}") == LossKind(HuberSpec{.delta = 1}));
  EXPECT_TRUE(kind("sigmoid_cross_entropy {}") ==
              LossKind(SigmoidCrossEntropySpec()));
  EXPECT_TRUE(kind("sigmoid_cross_entropy { positive_weight: [1, 2] }") ==
              LossKind(SigmoidCrossEntropySpec{.positive_weights = {1, 2}}));
  EXPECT_TRUE(kind("sigmoid_focal {}") ==
              LossKind(SigmoidFocalSpec{.gamma = 2}));
  EXPECT_TRUE(kind("sigmoid_focal { gamma: 0 alpha: 0.25 }") ==
              LossKind(SigmoidFocalSpec{.gamma = 0, .alpha = 0.25}));
  EXPECT_TRUE(kind("huber { delta: 2 }") == LossKind(HuberSpec{.delta = 2}));
  EXPECT_THAT(loss("class_weight: [1, 2]").class_weights, ElementsAre(1, 2));
  EXPECT_THAT(loss("balanced: true").class_weights,
              ElementsAre(2, testing::FloatEq(2.0f / 3)));
  EXPECT_FALSE(
      MakeLossSpec(ParsedRecipe("loss { balanced: true }"), {1, 0}).ok());
  EXPECT_EQ(TrainingBackend(RecipeProto()), Backend::kLanes);
  EXPECT_EQ(TrainingBackend(ParsedRecipe("backend: 'xnnpack'")),
            Backend::kXnnpack);
}

TEST(RecipeSpecsTest, RunsOfOneStepHaveASchedule) {
  for (const char* kind : {"cosine {}", "one_cycle {}", "polynomial {}"}) {
    const RecipeProto recipe = ParsedRecipe(
        absl::StrCat("learning_rate: 0.5 steps: 1 schedule { ", kind, " }"));
    LENSLET_EXPECT_OK(Check(MakeScheduleSpec(recipe, 4, 1))) << kind;
  }
}

}  // namespace
}  // namespace lenslet
