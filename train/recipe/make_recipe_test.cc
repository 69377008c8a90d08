#include "lenslet/train/recipe/make_recipe.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_specs.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TrainingSpecs PlainSpecs() {
  return {.epochs = 3, .batch_size = 20, .learning_rate = 0.1};
}

// Makes a recipe of the specs, writes and reads its text, translates it, and
// expects the same specs.
void ExpectRoundTrip(const TrainingSpecs& specs) {
  const absl::StatusOr<RecipeProto> made = MakeRecipe(specs);
  ASSERT_THAT(made, IsOk());
  const std::string text = ProtoToText(*made);
  SCOPED_TRACE(text);
  absl::StatusOr<RecipeText> read = ParseRecipe(text, "made");
  ASSERT_THAT(read, IsOk());
  RecipeProto& recipe = read->recipe;
  recipe.set_model("model.textproto");
  ASSERT_THAT(CheckRecipe(*read), IsOk());
  EXPECT_EQ(recipe.epochs(), specs.epochs);
  EXPECT_EQ(UpdateSize(recipe), specs.batch_size);
  EXPECT_EQ(recipe.seed(), specs.seed);
  EXPECT_EQ(recipe.learning_rate(), specs.learning_rate);
  if (specs.schedule == EpochSchedule()) {
    // Neither number changes a schedule in steps.
    ScheduleSpec schedule = specs.schedule_in_steps;
    schedule.base_rate = specs.learning_rate;
    EXPECT_TRUE(MakeScheduleSpec(recipe, 7, 21) == schedule);
  }
  EXPECT_TRUE(MakeOptimizerSpec(recipe) == specs.optimizer);
  const absl::StatusOr<LossSpec> loss = MakeLossSpec(recipe, {1, 2, 3});
  ASSERT_THAT(loss, IsOk());
  EXPECT_TRUE(*loss == specs.loss);
  EXPECT_TRUE(AugmentationFromProto(recipe.augmentation()) ==
              specs.augmentation);
  EXPECT_EQ(recipe.clip_norm(), specs.clip_norm);
  EXPECT_EQ(recipe.average_decay(), specs.average_decay);
}

TEST(MakeRecipeTest, DefaultsAreAbsent) {
  ExpectRoundTrip(PlainSpecs());
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeProto recipe,
                               MakeRecipe(PlainSpecs()));
  EXPECT_EQ(ProtoToText(recipe),
            "batch_size: 20\nepochs: 3\nlearning_rate: 0.1\n");
}

TEST(MakeRecipeTest, KeepsNumbersOfTheRun) {
  TrainingSpecs specs = PlainSpecs();
  specs.epochs = 1'000'000'000;
  specs.batch_size = 1'000'000;
  specs.seed = ~uint64_t{0};
  specs.learning_rate = std::nextafter(0.1, 1.0);
  ExpectRoundTrip(specs);
}

TEST(MakeRecipeTest, KeepsEachOptionOfSchedulesInSteps) {
  const std::vector<ScheduleSpec> schedules = {
      {.warmup_steps = 5},
      {.warmup_steps = 5, .warmup_start_rate = 0.01},
      {.kind = ScheduleKind::kStep, .gamma = 0.3, .interval = 7},
      {.kind = ScheduleKind::kStep, .interval = 1},
      {.kind = ScheduleKind::kMultiStep,
       .warmup_steps = 4,
       .gamma = 0.7,
       .milestones = {1, 5, 11}},
      {.kind = ScheduleKind::kExponential, .gamma = 0.99, .interval = 3},
      // In epochs, its bits would change.
      {.kind = ScheduleKind::kInverse, .decay = 0.1 / 3},
      {.kind = ScheduleKind::kPolynomial,
       .length = 13,
       .end_rate = 0.001,
       .power = 2.5},
      {.kind = ScheduleKind::kCosine, .length = 1000, .end_rate = 0.1 / 3},
      {.kind = ScheduleKind::kOneCycle,
       .length = 20,
       .end_rate = 0.05,
       .peak_rate = 0.9,
       .peak_step = 6,
       .shape = CycleShape::kCosine},
      {.kind = ScheduleKind::kOneCycle,
       .length = 2,
       .peak_rate = 0.1,
       .peak_step = 1},
  };
  for (const ScheduleSpec& schedule : schedules) {
    TrainingSpecs specs = PlainSpecs();
    specs.schedule_in_steps = schedule;
    ExpectRoundTrip(specs);
  }
}

TEST(MakeRecipeTest, WritesSchedulesInEpochsAsRecipesDo) {
  const auto text = [](const EpochSchedule& schedule) {
    TrainingSpecs specs = PlainSpecs();
    specs.schedule = schedule;
    ExpectRoundTrip(specs);
    const absl::StatusOr<RecipeProto> recipe = MakeRecipe(specs);
    return recipe.ok() ? recipe->schedule().ShortDebugString()
                       : recipe.status().ToString();
  };
  EXPECT_EQ(text({.warmup_epochs = 1.5, .warmup_start_rate = 0.01}),
            "warmup_epochs: 1.5 warmup_start_rate: 0.01");
  EXPECT_EQ(text({.kind = ScheduleKind::kStep}), "step { every_epochs: 1 }");
  EXPECT_EQ(
      text({.kind = ScheduleKind::kStep, .gamma = 0.3, .every_epochs = 0.5}),
      "step { every_epochs: 0.5 gamma: 0.3 }");
  EXPECT_EQ(text({.kind = ScheduleKind::kMultiStep,
                  .warmup_epochs = 1,
                  .milestones = {1.5, 2}}),
            "multi_step { epoch: 1.5 epoch: 2 } warmup_epochs: 1");
  EXPECT_EQ(text({.kind = ScheduleKind::kExponential}), "exponential { }");
  EXPECT_EQ(text({.kind = ScheduleKind::kExponential,
                  .gamma = 0.9,
                  .every_epochs = 2}),
            "exponential { epochs: 2 gamma: 0.9 }");
  EXPECT_EQ(text({.kind = ScheduleKind::kInverse, .decay = 0.5}),
            "inverse { decay: 0.5 }");
  EXPECT_EQ(text({.kind = ScheduleKind::kPolynomial}), "polynomial { }");
  EXPECT_EQ(
      text({.kind = ScheduleKind::kPolynomial, .end_rate = 0.05, .power = 2}),
      "polynomial { power: 2 end_rate: 0.05 }");
  EXPECT_EQ(text({.kind = ScheduleKind::kCosine, .end_rate = 0.05}),
            "cosine { end_rate: 0.05 }");
  EXPECT_EQ(text({.kind = ScheduleKind::kOneCycle}), "one_cycle { }");
  EXPECT_EQ(text({.kind = ScheduleKind::kOneCycle,
                  .end_rate = 0.05,
                  .start_factor = 0.1,
                  .peak_fraction = 0.5,
                  .shape = CycleShape::kCosine}),
            "one_cycle { start_factor: 0.1 end_rate: 0.05 peak_fraction: 0.5 "
            "cosine: true }");
}

TEST(MakeRecipeTest, KeepsTheRestOfTheUpdate) {
  TrainingSpecs specs = PlainSpecs();
  specs.clip_norm = 0.5;
  specs.average_decay = 0.99;
  specs.decay_all = false;
  specs.block = 20;
  ExpectRoundTrip(specs);
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeProto recipe, MakeRecipe(specs));
  EXPECT_EQ(recipe.block(), 20);
  EXPECT_TRUE(recipe.optimizer().has_decay_all());
  EXPECT_FALSE(recipe.optimizer().decay_all());
}

TEST(MakeRecipeTest, KeepsEachOptionOfOptimizers) {
  const std::vector<OptimizerSpec> optimizers = {
      {.kind = OptimizerKind::kMomentum},
      {.kind = OptimizerKind::kMomentum, .momentum = 0},
      {.kind = OptimizerKind::kNesterov, .momentum = 0.8},
      {.kind = OptimizerKind::kAdagrad, .epsilon = 1e-6},
      {.kind = OptimizerKind::kRmsprop, .rms_decay = 0},
      {.kind = OptimizerKind::kRmsprop, .rms_decay = 0.99},
      {.kind = OptimizerKind::kAdam, .beta1 = 0, .beta2 = 0},
      {.kind = OptimizerKind::kAdamW,
       .beta1 = 0.8,
       .beta2 = 0.99,
       .weight_decay = 0.01},
      {.weight_decay = 1e-4},
  };
  for (const OptimizerSpec& optimizer : optimizers) {
    TrainingSpecs specs = PlainSpecs();
    specs.optimizer = optimizer;
    ExpectRoundTrip(specs);
  }
}

TEST(MakeRecipeTest, KeepsEachOptionOfLosses) {
  const std::vector<LossSpec> losses = {
      {.kind = CrossEntropySpec{.label_smoothing = 0.1}},
      {.kind = CrossEntropySpec{.label_smoothing = 0.1, .weigh_by_label = true},
       .class_weights = {1, 2, 3}},
      {.kind = MeanSquaredErrorSpec()},
      {.kind = HingeSpec()},
      {.kind = HingeSpec{.margin = 2.5}},
      {.kind = SumHingeSpec()},
      {.kind = SumHingeSpec{.margin = 2.5}},
      {.kind = FocalSpec()},
      {.kind = FocalSpec{.gamma = 0}},
      {.kind = MeanAbsoluteErrorSpec()},
      {.kind = HuberSpec()},
      {.kind = HuberSpec{.delta = 0.5}},
      {.kind = SigmoidCrossEntropySpec()},
      {.kind = SigmoidCrossEntropySpec{.positive_weights = {0, 0.1f, 3}}},
      {.kind = SigmoidFocalSpec()},
      {.kind = SigmoidFocalSpec{.gamma = 0}},
      {.kind = SigmoidFocalSpec{.gamma = 1.5, .alpha = 0}},
      {.class_weights = {0, 0.1f, 3}},
      {.kind = HingeSpec{.margin = 0.5}, .class_weights = {1, 1, 1}},
  };
  for (const LossSpec& loss : losses) {
    TrainingSpecs specs = PlainSpecs();
    specs.loss = loss;
    ExpectRoundTrip(specs);
  }
}

TEST(MakeRecipeTest, KeepsEachOptionOfAugmentation) {
  const std::vector<AugmentationSpec> changes = {
      {.rotation = 12.5}, {.shift = 2},        {.flip = true},
      {.cutout = 3},      {.noise = 0.1},      {.vertical_flip = true},
      {.crop_area = 0.5}, {.scale = 0.3},      {.brightness = 0.1},
      {.contrast = 0.1},  {.saturation = 0.1}, {.hue = 0.1},
      {.erasing = 0.5},   {.mixup = 0.2},      {.cutmix = 1},
  };
  for (const AugmentationSpec& change : changes) {
    TrainingSpecs specs = PlainSpecs();
    specs.augmentation = change;
    ExpectRoundTrip(specs);
  }
}

// A zero would become a default.
TEST(MakeRecipeTest, RejectsWhatItCannotKeep) {
  const auto expect_error = [](auto change, const std::string& message) {
    TrainingSpecs specs = PlainSpecs();
    change(specs);
    EXPECT_THAT(MakeRecipe(specs), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr(message)));
  };
  expect_error([](TrainingSpecs& specs) { specs.epochs = 0; },
               "epochs is 0; expected at least 1");
  expect_error([](TrainingSpecs& specs) { specs.batch_size = 0; },
               "batch_size is 0; expected at least 1");
  expect_error([](TrainingSpecs& specs) { specs.block = 0; },
               "block is 0; expected at least 1");
  expect_error([](TrainingSpecs& specs) { specs.learning_rate = 0; },
               "learning_rate is 0; expected a positive number");
  expect_error([](TrainingSpecs& specs) { specs.optimizer.epsilon = 0; },
               "optimizer.epsilon is 0");
  expect_error(
      [](TrainingSpecs& specs) { specs.loss.kind = HingeSpec{.margin = 0}; },
      "loss.margin is 0");
  expect_error(
      [](TrainingSpecs& specs) {
        specs.schedule_in_steps = {.kind = ScheduleKind::kCosine};
      },
      "schedule_in_steps.length is 0; expected at least 1");
  expect_error(
      [](TrainingSpecs& specs) {
        specs.schedule_in_steps = {
            .kind = ScheduleKind::kPolynomial, .length = 5, .power = 0};
      },
      "schedule_in_steps.power is 0");
  expect_error(
      [](TrainingSpecs& specs) { specs.schedule_in_steps.base_rate = 0.1; },
      "schedule_in_steps.base_rate is 0.1; expected 0; set learning_rate");
  expect_error(
      [](TrainingSpecs& specs) {
        specs.schedule = {.kind = ScheduleKind::kCosine};
        specs.schedule_in_steps = {.kind = ScheduleKind::kCosine, .length = 5};
      },
      "schedule and schedule_in_steps are both set");
  const auto expect_schedule_error = [&](const EpochSchedule& schedule,
                                         const std::string& message) {
    expect_error([&](TrainingSpecs& specs) { specs.schedule = schedule; },
                 message);
  };
  expect_schedule_error({.warmup_epochs = -1}, "schedule.warmup_epochs is -1");
  expect_schedule_error({.warmup_start_rate = 1},
                        "schedule.warmup_start_rate is 1; expected a number "
                        "from 0 to learning_rate, 0.1");
  expect_schedule_error({.kind = ScheduleKind::kStep, .every_epochs = 0},
                        "schedule.every_epochs is 0");
  expect_schedule_error({.kind = ScheduleKind::kExponential, .gamma = 0},
                        "schedule.gamma is 0");
  expect_schedule_error({.kind = ScheduleKind::kMultiStep},
                        "schedule.milestones are empty");
  expect_schedule_error(
      {.kind = ScheduleKind::kMultiStep, .warmup_epochs = 2, .milestones = {2}},
      "schedule.milestones[0] is 2; expected more than 2, "
      "warmup_epochs");
  expect_schedule_error(
      {.kind = ScheduleKind::kMultiStep, .milestones = {3, 1}},
      "schedule.milestones[1] is 1; expected more than 3, the one before");
  expect_schedule_error({.kind = ScheduleKind::kInverse},
                        "schedule.decay is 0");
  expect_schedule_error({.kind = ScheduleKind::kPolynomial, .power = 0},
                        "schedule.power is 0");
  expect_schedule_error({.kind = ScheduleKind::kCosine, .end_rate = 0.2},
                        "schedule.end_rate is 0.2");
  expect_schedule_error({.kind = ScheduleKind::kOneCycle, .start_factor = 0},
                        "schedule.start_factor is 0");
  expect_schedule_error({.kind = ScheduleKind::kOneCycle, .peak_fraction = 1},
                        "schedule.peak_fraction is 1");
}

}  // namespace
}  // namespace lenslet
