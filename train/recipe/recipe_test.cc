#include "lenslet/train/recipe/recipe.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(RecipeNamesTest, AreSortedAndEachIsFineAsItStands) {
  const std::vector<std::string> names = RecipeNames();
  EXPECT_THAT(names, Contains("book"));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string& name : names) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText text, LoadRecipe(name));
    LENSLET_EXPECT_OK(CheckRecipe(text)) << name;
  }
}

TEST(LoadRecipeTest, TheBooksIsTheBooks) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText text, LoadRecipe("book"));
  EXPECT_EQ(text.recipe.model(), "lenet");
  EXPECT_EQ(text.recipe.batch_size(), 256);
  EXPECT_EQ(text.recipe.epochs(), 10);
  EXPECT_EQ(text.recipe.learning_rate(), 0.9);
  EXPECT_EQ(text.recipe.optimizer().kind(), OptimizerProto::SGD);
}

TEST(LoadRecipeTest, PathsOfAFileStartFromItsFolder) {
  const std::string folder =
      std::filesystem::path(EmptyTempFolder("recipe_test")).lexically_normal();
  const std::string path = absl::StrCat(folder, "/my.textproto");
  LENSLET_ASSERT_OK(WriteFileAtomically(
      path, "model: 'nets/mine.textproto' data { idx { directory: '../x' } }"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText text, LoadRecipe(path));
  EXPECT_EQ(text.recipe.model(), absl::StrCat(folder, "/nets/mine.textproto"));
  EXPECT_THAT(text.recipe.data().idx().directory(), HasSubstr("/x"));
  EXPECT_THAT(text.recipe.data().idx().directory(),
              testing::Not(HasSubstr("..")));
}

TEST(LoadRecipeTest, WhatIsNeitherNameNorFile) {
  EXPECT_THAT(LoadRecipe("boook").status(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean \"book\"?")));
  EXPECT_THAT(LoadRecipe("./book").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("./book")));
}

TEST(ParseRecipeTest, SaysWhereAndWhy) {
  EXPECT_THAT(ParseRecipe("epochs: 3\nsteps: 4", "r").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "r:2:1: this recipe has \"epochs\" and \"steps\"; "
                       "expected one length"));
  EXPECT_THAT(ParseRecipe("optimizer { kind: ADAMM }", "r").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"ADAM\"?")));
  EXPECT_THAT(
      ParseRecipe("\nlerning_rate: 1", "r").status(),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          HasSubstr("r:2:1: recipes have no field \"lerning_rate\"; did you "
                    "mean \"learning_rate\"?")));
}

TEST(SetFieldTest, ChangesWhatIsNamedAndNothingElse) {
  RecipeProto recipe;
  recipe.mutable_optimizer()->set_weight_decay(0.5);
  LENSLET_EXPECT_OK(SetField("batch_size=128", recipe));
  EXPECT_EQ(recipe.batch_size(), 128);
  LENSLET_EXPECT_OK(SetField("optimizer.momentum = 0.8", recipe));
  EXPECT_EQ(recipe.optimizer().momentum(), 0.8);
  EXPECT_EQ(recipe.optimizer().weight_decay(), 0.5);
  LENSLET_EXPECT_OK(SetField("optimizer.kind=ADAMW", recipe));
  EXPECT_EQ(recipe.optimizer().kind(), OptimizerProto::ADAMW);
  LENSLET_EXPECT_OK(SetField("model=my \"net\".textproto", recipe));
  EXPECT_EQ(recipe.model(), "my \"net\".textproto");
  LENSLET_EXPECT_OK(SetField("schedule.cosine={ end_rate: 0.1 }", recipe));
  EXPECT_EQ(recipe.schedule().cosine().end_rate(), 0.1);
  LENSLET_EXPECT_OK(SetField("schedule.step={every_epochs: 2}", recipe));
  EXPECT_TRUE(recipe.schedule().has_step());
  LENSLET_EXPECT_OK(SetField("loss.class_weight=1, 2,3", recipe));
  EXPECT_THAT(recipe.loss().class_weight(), ElementsAre(1, 2, 3));
  LENSLET_EXPECT_OK(SetField("loss.class_weight=4", recipe));
  EXPECT_THAT(recipe.loss().class_weight(), ElementsAre(4));
  LENSLET_EXPECT_OK(SetField("epochs=3", recipe));
  LENSLET_EXPECT_OK(SetField("steps=7", recipe));
  EXPECT_FALSE(recipe.has_epochs());
  LENSLET_EXPECT_OK(SetField("augmentation.flip=true", recipe));
  EXPECT_TRUE(recipe.augmentation().flip());
}

TEST(SetFieldTest, RejectsWhatIsNoAssignmentAndKeepsTheRecipe) {
  RecipeProto recipe;
  recipe.set_batch_size(3);
  const auto expect_error = [&](absl::string_view assignment,
                                const std::string& reason) {
    EXPECT_THAT(SetField(assignment, recipe),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(reason)))
        << assignment;
    EXPECT_EQ(recipe.batch_size(), 3);
  };
  expect_error("batch_size", "expected FIELD=VALUE");
  expect_error("batchsize=3",
               "recipes have no field \"batchsize\"; did you mean "
               "\"batch_size\"?");
  expect_error("batch_size.x=3", "batch_size has no fields");
  expect_error("layer_rule.layer=conv1", "layer_rule is a list");
  expect_error("batch_size=many", "\"batch_size=many\": ");
  expect_error("optimizer.kind=ADAMM", "did you mean \"ADAM\"?");
  expect_error("optimizer={ momentun: 1 }", "did you mean \"momentum\"?");
  expect_error("batch_size=3 epochs: 4", "the value also sets \"epochs\"");
}

TEST(FindProblemsTest, FindsAllOfThemAtTheirPlaces) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText text,
                               ParseRecipe(R"(batch_size: -1
data {
  image_folders { shape: [28, 0] }
  validation_fraction: 1
}
optimizer {
  momentum: 1
}
schedule {
  one_cycle { end_rate: 2 peak_fraction: 1 }
}
learning_rate: 0.5
epochs: 5
backend: "direct"
layer_rule { freeze: true rate_factor: 1 }
loss { class_weight: [0, 0] balanced: true }
)",
                                           "r"));
  std::vector<std::string> found;
  for (const FieldProblem& problem : FindProblems(text.recipe)) {
    found.push_back(
        absl::StrCat(PlaceOf(text.recipe, text.locations, problem.path), ": ",
                     problem.message));
  }
  EXPECT_THAT(
      found,
      ElementsAre(
          "r: model is required",
          "r:3:3: data.image_folders.train_directory is required",
          "r:3:19: data.image_folders.shape has 2 numbers; expected 3",
          "r:3:19: data.image_folders.shape[1] is 0; expected a number of "
          "at least 1",
          "r:4:3: data.validation_fraction is 1; expected a number in [0, 1)",
          "r:1:1: batch_size is -1; expected a number in [1, 1000000]",
          "r:7:3: optimizer.momentum is 1; expected a number in [0, 1)",
          "r:10:27: schedule.one_cycle.peak_fraction is 1; expected a number "
          "in (0, 1)",
          "r:15:1: layer_rule[0].layer is required",
          "r:16:8: loss.class_weight is 0 for all classes: there is nothing to "
          "learn",
          "r:16:29: loss.balanced is true and loss.class_weight is given; "
          "expected at most one of them",
          "r:10:15: schedule.one_cycle.end_rate is 2; expected at most "
          "learning_rate, 0.5",
          "r:15:1: layer_rule[0] has freeze and rate_factor: a frozen layer "
          "has no learning rate",
          "r:14:1: backend is direct, which cannot train; expected lanes, "
          "xnnpack or reference"));
}

TEST(FindProblemsTest, PlacesOfListsAsAWhole) {
  const auto first = [](absl::string_view data) {
    return CheckRecipe(
        *ParseRecipe(absl::StrCat("model: 'lenet' data {\n", data, "}"), "r"));
  };
  // One without entries is nowhere itself.
  EXPECT_THAT(first("synthetic {}"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "r:2:1: data.synthetic.shape is required"));
  EXPECT_THAT(
      first("image_folders { train_directory: 'x'\n shape: 8\n shape: 8 }"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "r:3:2: data.image_folders.shape has 2 numbers; expected 3"));
}

TEST(FindProblemsTest, NumbersThatAreNone) {
  RecipeProto recipe;
  recipe.set_model("lenet");
  recipe.set_epochs(1);
  recipe.set_learning_rate(std::numeric_limits<double>::quiet_NaN());
  const std::vector<FieldProblem> problems = FindProblems(recipe);
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0].message,
            "learning_rate is nan; expected a positive number");
}

TEST(FindProblemsTest, NumbersOfKindsThatThereAreNot) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RecipeText text,
      ParseRecipe("model: 'lenet' epochs: 1 learning_rate: 1\n"
                  "initializer { kind: 9 } optimizer { kind: -1 }",
                  "r"));
  const std::vector<FieldProblem> problems = FindProblems(text.recipe);
  ASSERT_EQ(problems.size(), 2);
  EXPECT_THAT(problems[0].message,
              StartsWith("initializer.kind is 9; expected XAVIER_UNIFORM, "));
  EXPECT_THAT(problems[1].message,
              StartsWith("optimizer.kind is -1; expected SGD, MOMENTUM, "));
}

TEST(FindProblemsTest, PathsThatACheckpointCannotHold) {
  RecipeProto recipe;
  recipe.set_model("lenet");
  recipe.set_epochs(1);
  recipe.set_learning_rate(1);
  recipe.mutable_data()->mutable_idx()->set_directory("/caf\xe9/mnist");
  EXPECT_THAT(CheckRecipe({.recipe = recipe}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "data.idx.directory is \"/caf\\xe9/mnist\", which is "
                       "not UTF-8"));
  recipe.mutable_data()->mutable_idx()->set_directory("/caf\xc3\xa9/mnist");
  LENSLET_EXPECT_OK(CheckRecipe({.recipe = recipe}));
}

TEST(FindProblemsTest, SchedulesInSteps) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText text, ParseRecipe(R"(
model: "m"
epochs: 5
learning_rate: 0.5
schedule {
  warmup_epochs: 1
  in_steps { kind: ONE_CYCLE length: 9 peak_step: 3 peak_rate: 0.4 }
}
)",
                                                                  "r"));
  std::vector<std::string> messages;
  for (const FieldProblem& problem : FindProblems(text.recipe)) {
    messages.push_back(problem.message);
  }
  EXPECT_THAT(
      messages,
      ElementsAre("schedule.in_steps: peak_rate is 0.4; expected a number of "
                  "at least base_rate, 0.5",
                  "schedule.warmup_epochs is 1; expected "
                  "schedule.in_steps.warmup_steps instead"));
}

TEST(CheckRecipeTest, BlamesTheFlagThatSetTheField) {
  LENSLET_ASSERT_OK_AND_ASSIGN(RecipeText text, LoadRecipe("book"));
  text.recipe.set_learning_rate(-1);
  const auto is_wrong = [](const auto& message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, message);
  };
  EXPECT_THAT(CheckRecipe(text), is_wrong(HasSubstr("book.textproto:")));
  const std::string reason = "learning_rate is -1; expected a positive number";
  text.flags = {{"learning_rate", "--set"}};
  EXPECT_THAT(CheckRecipe(text), is_wrong("--set: " + reason));
  text.flags.push_back({"learning_rate", "--learning_rate"});
  EXPECT_THAT(CheckRecipe(text), is_wrong("--learning_rate: " + reason));
  // A field of a message that a flag set as a whole.
  text.recipe.set_learning_rate(1);
  text.recipe.mutable_optimizer()->set_kind(OptimizerProto::MOMENTUM);
  text.recipe.mutable_optimizer()->set_momentum(2);
  text.flags = {{"optimizer", "--set"}};
  EXPECT_THAT(CheckRecipe(text),
              is_wrong(HasSubstr("--set: optimizer.momentum is 2")));
  text.flags = {{"optimizer.momentum_2", "--set"}};
  EXPECT_THAT(CheckRecipe(text), is_wrong(HasSubstr("book.textproto:")));
}

TEST(CheckRecipeTest, BlamesTheFlagThatSetTheMessage) {
  LENSLET_ASSERT_OK_AND_ASSIGN(RecipeText text, LoadRecipe("book"));
  text.recipe.mutable_data()->mutable_synthetic()->set_classes(3);
  text.flags = {{"data.synthetic.classes", "--set"}};
  EXPECT_THAT(CheckRecipe(text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "--set: data.synthetic.shape is required"));
  // The message is the text's.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      text, ParseRecipe("model: 'lenet' epochs: 1 learning_rate: 1\n"
                        "data { synthetic {} }",
                        "r"));
  text.flags = {{"data.synthetic.classes", "--set"}};
  EXPECT_THAT(CheckRecipe(text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("r:2:8: data.synthetic.shape is required")));
}

TEST(FindProblemsTest, NothingAtAll) {
  EXPECT_THAT(CheckRecipe({}), StatusIs(absl::StatusCode::kInvalidArgument,
                                        "model is required"));
}

TEST(RecipeTest, ComesBackFromACheckpointsBytes) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText text, LoadRecipe("book"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RecipeProto recipe,
      RecipeFromBytes(text.recipe.SerializeAsString()));
  EXPECT_EQ(recipe.DebugString(), text.recipe.DebugString());
  EXPECT_THAT(RecipeFromBytes("\xff"),
              StatusIs(absl::StatusCode::kDataLoss,
                       "the checkpoint's recipe cannot be read"));
}

}  // namespace
}  // namespace lenslet
