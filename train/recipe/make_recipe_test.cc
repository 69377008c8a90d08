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
  return {.epochs = 3, .batch_size = 20, .schedule = {.base_rate = 0.1}};
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
  // Neither number changes a schedule in steps.
  EXPECT_TRUE(MakeScheduleSpec(recipe, 7, 21) == specs.schedule);
  EXPECT_TRUE(MakeOptimizerSpec(recipe) == specs.optimizer);
  const absl::StatusOr<LossSpec> loss = MakeLossSpec(recipe, {1, 2, 3});
  ASSERT_THAT(loss, IsOk());
  EXPECT_TRUE(*loss == specs.loss);
  EXPECT_TRUE(AugmentationFromProto(recipe.augmentation()) ==
              specs.augmentation);
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
  specs.schedule.base_rate = std::nextafter(0.1, 1.0);
  ExpectRoundTrip(specs);
}

TEST(MakeRecipeTest, KeepsEachOptionOfSchedules) {
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
  for (ScheduleSpec schedule : schedules) {
    schedule.base_rate = 0.1;
    TrainingSpecs specs = PlainSpecs();
    specs.schedule = schedule;
    ExpectRoundTrip(specs);
  }
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
      {.kind = MeanSquaredErrorSpec()},
      {.kind = HingeSpec()},
      {.kind = HingeSpec{.margin = 2.5}},
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
      {.rotation = 12.5}, {.shift = 2},   {.flip = true},
      {.cutout = 3},      {.noise = 0.1},
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
  expect_error([](TrainingSpecs& specs) { specs.optimizer.epsilon = 0; },
               "epsilon is 0");
  expect_error(
      [](TrainingSpecs& specs) { specs.loss.kind = HingeSpec{.margin = 0}; },
      "margin is 0");
  expect_error(
      [](TrainingSpecs& specs) {
        specs.schedule.kind = ScheduleKind::kPolynomial;
        specs.schedule.length = 5;
        specs.schedule.power = 0;
      },
      "power is 0");
}

}  // namespace
}  // namespace lenslet
