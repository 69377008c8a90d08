#include "lenslet/train/recipe/layer_changes.h"

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/model_text.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_model.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelProto SigmoidModel() {
  return ParseModelText(R"(
    input { name: "image" shape: [8, 8, 1] }
    layer { name: "conv1" conv2d { kernel: 3 output_channels: 2 } }
    layer { name: "sigmoid1" sigmoid {} }
    layer { name: "pool.1" avg_pool2d { kernel: 2 count_padding: false } }
    layer { name: "flatten" flatten {} }
    layer { name: "sigmoid2" sigmoid {} }
    layer { name: "classes" linear { output_features: 2 } })",
                        "m")
      ->model;
}

RecipeProto RecipeWith(std::initializer_list<absl::string_view> assignments) {
  RecipeProto recipe;
  for (const absl::string_view assignment : assignments) {
    EXPECT_THAT(SetField(assignment, recipe), IsOk());
  }
  return recipe;
}

TEST(LayerChangesTest, FieldsOfLayersAreSet) {
  ModelProto model = SigmoidModel();
  LENSLET_ASSERT_OK(ChangeLayers(
      RecipeWith({"layer.conv1.kernel=5,3", "layer.conv1.output_channels=7",
                  "layer.conv1.bias=false", "layer.pool.1.stride=[1, 2]"}),
      model));
  EXPECT_THAT(model.layer(0).conv2d().kernel(), ElementsAre(5, 3));
  EXPECT_EQ(model.layer(0).conv2d().output_channels(), 7);
  EXPECT_FALSE(model.layer(0).conv2d().bias());
  EXPECT_THAT(model.layer(2).avg_pool2d().kernel(), ElementsAre(2));
  EXPECT_THAT(model.layer(2).avg_pool2d().stride(), ElementsAre(1, 2));
}

TEST(LayerChangesTest, ALaterChangeOfTheSameFieldTakesThePlace) {
  const RecipeProto recipe =
      RecipeWith({"layer.conv1.kernel=5", "layer.conv1.kernel=1"});
  ASSERT_EQ(recipe.layer_change_size(), 1);
  EXPECT_EQ(recipe.layer_change(0).value(), "1");
}

TEST(LayerChangesTest, ANewKindKeepsTheFieldsThatItHasToo) {
  ModelProto model = SigmoidModel();
  LENSLET_ASSERT_OK(ChangeLayers(
      RecipeWith({"layer.sigmoid*.kind=relu", "layer.pool.1.kind=max_pool2d"}),
      model));
  EXPECT_TRUE(model.layer(1).has_relu());
  EXPECT_TRUE(model.layer(4).has_relu());
  ASSERT_TRUE(model.layer(2).has_max_pool2d());
  EXPECT_THAT(model.layer(2).max_pool2d().kernel(), ElementsAre(2));
  // Average pooling's own field is gone, not kept as an unknown one.
  EXPECT_EQ(model.layer(2).max_pool2d().ByteSizeLong(), 3);
}

TEST(LayerChangesTest, ErrorsNameEntryLayerAndField) {
  const auto expect_error = [](absl::string_view assignment,
                               absl::string_view part) {
    ModelProto model = SigmoidModel();
    EXPECT_THAT(
        ChangeLayers(RecipeWith({"layer.conv1.kernel=3", assignment}), model),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 AllOf(HasSubstr("layer_change[1] ("), HasSubstr(part))))
        << assignment;
  };
  expect_error("layer.conv2.kernel=3",
               "the model has no layer \"conv2\"; did you mean \"conv1\"?");
  expect_error("layer.conv1.kernle=3",
               "layer \"conv1\": conv2d has no field \"kernle\"; "
               "did you mean \"kernel\"?");
  expect_error("layer.conv1.output_channels=many", "layer \"conv1\": ");
  expect_error("layer.sigmoid1.kind=rellu",
               "there is no layer kind \"rellu\"; did you mean \"relu\"?");
  RecipeProto recipe;
  EXPECT_THAT(SetField("layer.conv1=3", recipe),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("expected layer.NAME.FIELD=VALUE")));
}

TEST(LayerChangesTest, ARecipesModelHasTheChanges) {
  RecipeProto recipe =
      RecipeWith({"model=lenet", "layer.conv1.output_channels=4"});
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeModel model,
                               LoadRecipeModel(recipe));
  // LeNet's 61,706 with two filters of 25 and a number less, and two channels
  // of 25 less in each of the next layer's 16 filters.
  EXPECT_EQ(model.graph.trainable_parameter_count(),
            61706 - 2 * 26 - 16 * 2 * 25);
  LENSLET_ASSERT_OK(SetField("layer.conv2.kernel=15", recipe));
  EXPECT_THAT(LoadRecipeModel(recipe).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("lenet with layer_change: "),
                             HasSubstr("conv2"))));
}

}  // namespace
}  // namespace lenslet
