#include "lenslet/train/recipe/layer_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ModelProto NormModel() {
  return ParseModelText(R"(
    input { name: "image" shape: [4, 4, 1] }
    layer { name: "conv1" conv2d { kernel: 3 output_channels: 2 } }
    layer { name: "norm" batch_norm {} }
    layer { name: "conv2" conv2d { kernel: 1 output_channels: 2 } }
    layer { name: "relu" relu {} }
    layer { name: "flatten" flatten {} }
    layer { name: "classes" linear { output_features: 2 } })",
                        "m")
      ->model;
}

RecipeProto RecipeOfRules(absl::string_view text) {
  return ParseRecipe(text, "r")->recipe;
}

TEST(LayerRulesTest, FactorsAreForTheParametersOfTheLayersNamed) {
  const Graph graph = *BuildGraph(NormModel());
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<double> none,
                               RateFactors(RecipeProto(), graph));
  EXPECT_THAT(none, IsEmpty());
  // The last rule that is for a layer counts.
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<double> factors,
                               RateFactors(RecipeOfRules(R"(
        layer_rule { layer: "conv*" rate_factor: 0.5 }
        layer_rule { layer: "conv2" rate_factor: 2 }
        layer_rule { layer: "norm" freeze: true })"),
                                           graph));
  // Weight and bias; scale, bias, mean and variance, of which the statistics
  // follow the data in any case; weight and bias, twice.
  EXPECT_THAT(factors, ElementsAre(0.5, 0.5, 0, 0, 1, 1, 2, 2, 1, 1));
}

TEST(LayerRulesTest, FrozenLayersAreNotTrainable) {
  ModelProto model = NormModel();
  LENSLET_ASSERT_OK(FreezeLayers(
      RecipeOfRules("layer_rule { layer: '*' freeze: true } "
                    "layer_rule { layer: 'classes' rate_factor: 1 }"),
      model));
  EXPECT_TRUE(model.layer(0).conv2d().has_trainable());
  EXPECT_FALSE(model.layer(0).conv2d().trainable());
  EXPECT_FALSE(model.layer(2).conv2d().trainable());
  EXPECT_FALSE(model.layer(5).linear().has_trainable());
  const Graph graph = *BuildGraph(model);
  // Of the linear layer, [2, 8] and [2], and of the normalization.
  EXPECT_EQ(graph.trainable_parameter_count(), 18 + 4);
}

TEST(LayerRulesTest, ARuleForNoLayerIsAnError) {
  ModelProto model = NormModel();
  const RecipeProto recipe = RecipeOfRules(
      "layer_rule { layer: 'conv*' freeze: true } "
      "layer_rule { layer: 'clases' freeze: true }");
  EXPECT_THAT(FreezeLayers(recipe, model),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("layer_rule[1]: the model has no layer "
                                 "\"clases\"; did you mean \"classes\"?")));
  EXPECT_THAT(
      RateFactors(recipe, *BuildGraph(model)).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("layer_rule[1]")));
}

}  // namespace
}  // namespace lenslet
