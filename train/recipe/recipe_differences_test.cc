#include "lenslet/train/recipe/recipe_differences.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RecipeProto UncheckedRecipe(const std::string& text) {
  RecipeProto recipe;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &recipe));
  return recipe;
}

// "path: value | value"
std::vector<std::string> Differences(const std::vector<std::string>& texts) {
  std::vector<RecipeProto> recipes;
  for (const std::string& text : texts) {
    recipes.push_back(UncheckedRecipe(text));
  }
  std::vector<std::string> lines;
  for (const FieldDifference& difference : RecipeDifferences(recipes)) {
    lines.push_back(absl::StrCat(difference.path, ": ",
                                 absl::StrJoin(difference.values, " | ")));
  }
  return lines;
}

TEST(RecipeDifferencesTest, AreNoneBetweenAlikeRecipes) {
  const std::string text = R"pb(model: "lenet"
                                epochs: 10
                                optimizer { kind: ADAM }
                                layer_rule { layer: "conv1" freeze: true })pb";
  EXPECT_THAT(Differences({text, text, text}), IsEmpty());
  // A message that says nothing is the same as none.
  EXPECT_THAT(Differences({"optimizer {}", ""}), IsEmpty());
  EXPECT_THAT(RecipeDifferences({}), IsEmpty());
}

TEST(RecipeDifferencesTest, AreInTheOrderOfTheRecipe) {
  EXPECT_THAT(Differences({R"pb(name: "a"
                                model: "lenet"
                                learning_rate: 0.9
                                batch_size: 256)pb",
                           R"pb(model: "lenet"
                                learning_rate: 0.001
                                optimizer { kind: ADAM })pb",
                           R"pb(model: "./my \"net\"" learning_rate: 0.9)pb"}),
              ElementsAre(R"(name: "a" | default | default)",
                          R"(model: "lenet" | "lenet" | "./my \"net\"")",
                          "batch_size: 256 | default | default",
                          "optimizer.kind: SGD | ADAM | SGD",
                          "learning_rate: 0.9 | 0.001 | 0.9"));
}

TEST(RecipeDifferencesTest, TellWhichOfAOneofThereIs) {
  EXPECT_THAT(
      Differences({"schedule { cosine {} } epochs: 10",
                   "schedule { step { every_epochs: 3 gamma: 0.5 } } epochs: 5",
                   "schedule { step { every_epochs: 2 } } steps: 100", ""}),
      ElementsAre("epochs: 10 | 5 |  | ", "steps:  |  | 100 | ",
                  "schedule.kind: cosine | step | step | default",
                  "schedule.step.every_epochs:  | 3 | 2 | ",
                  "schedule.step.gamma:  | 0.5 | default | "));
}

TEST(RecipeDifferencesTest, TellSetDefaultsFromUnsetOnes) {
  EXPECT_THAT(Differences({"optimizer { momentum: 0 decay_all: false }",
                           "augmentation { flip: true }"}),
              ElementsAre("augmentation.flip: false | true",
                          "optimizer.momentum: 0 | default",
                          "optimizer.decay_all: false | default"));
}

TEST(RecipeDifferencesTest, ShowListsAsAWhole) {
  EXPECT_THAT(Differences({"loss { class_weight: [1, 2.5] }", "", ""}),
              ElementsAre("loss.class_weight: [1, 2.5] | default | default"));
}

TEST(RecipeDifferencesTest, CountEntriesOfLists) {
  EXPECT_THAT(
      Differences({R"pb(layer_rule { layer: "conv1" freeze: true }
                        layer_rule { layer: "fc*" rate_factor: 0.5 })pb",
                   R"pb(layer_rule { layer: "conv2" })pb"}),
      ElementsAre(R"(layer_rule[0].layer: "conv1" | "conv2")",
                  "layer_rule[0].freeze: true | false",
                  R"(layer_rule[1].layer: "fc*" | )",
                  "layer_rule[1].rate_factor: 0.5 | "));
}

}  // namespace
}  // namespace lenslet
