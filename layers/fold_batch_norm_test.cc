#include "lenslet/layers/fold_batch_norm.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/layers.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// Its deviations are whole: see ExactParameters().
Layer BatchNorm() { return layers::BatchNorm({.epsilon = 0.5}); }
Layer FoldableLinear(int64_t features, bool has_bias) {
  return layers::Linear({.output_features = features, .has_bias = has_bias});
}
Layer FoldableConv(int64_t channels, bool has_bias) {
  return layers::Conv2d({.output_channels = channels,
                         .window = {.kernel = {3, 3}},
                         .has_bias = has_bias});
}

// Small whole numbers, and deviations sqrt(0.5 + 0.5) = 1 and sqrt(3.5 + 0.5) =
// 2: with them all of a network's results are multiples of some 2^-k that
// floats hold exactly, in whatever order sums are made.
Parameters ExactParameters(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/1);
  for (int i = 0; i < parameters.size(); ++i) {
    for (float& value : parameters.view(i).span()) {
      switch (parameters.info(i).info.role) {
        case ParameterRole::kRunningVariance:
          value = random.Below(2) == 0 ? 0.5f : 3.5f;
          break;
        case ParameterRole::kScale:
          value = random.Below(2) == 0 ? -1.0f : 1.0f;
          break;
        default:
          value = static_cast<float>(random.Below(3) - 1);
      }
    }
  }
  return parameters;
}

std::vector<std::string> LayerNames(const Graph& graph) {
  std::vector<std::string> names;
  for (const Graph::Node& node : graph.nodes()) names.push_back(node.name);
  return names;
}

std::vector<std::string> ParameterNames(const Graph& graph) {
  std::vector<std::string> names;
  for (const Graph::Parameter& p : graph.parameters()) names.push_back(p.name);
  return names;
}

// By hand: 2 x + 1, of which 5 is the mean, 3 the deviation (variance 8.5 and
// epsilon 0.5), then times 6 and plus 7:
//   6 (2 x + 1 - 5) / 3 + 7 = 4 x - 1
TEST(FoldBatchNormTest, MakesAnotherWeightAndBias) {
  GraphBuilder builder;
  builder.AddInput("x", {1});
  builder.AddLayer("linear", FoldableLinear(1, true), {"x"});
  builder.AddLayer("norm", BatchNorm(), {"linear"});
  const Graph graph = *builder.Build();
  Parameters parameters = *Parameters::Create(graph);
  const std::vector<float> values = {2, 1, 6, 7, 5, 8.5};
  for (int i = 0; i < 6; ++i) parameters.view(i)[0] = values[i];
  LENSLET_ASSERT_OK_AND_ASSIGN(const FoldedNetwork folded,
                               FoldBatchNorm(graph, parameters));
  EXPECT_THAT(ParameterNames(folded.graph),
              ElementsAre("linear.weight", "linear.bias"));
  EXPECT_EQ(folded.parameters.view(0)[0], 4);
  EXPECT_EQ(folded.parameters.view(1)[0], -1);
}

// Of all kinds: with and without a bias, two in a row, over an input, after a
// layer that cannot take it, after one that two layers read, after groups,
// connections and a transposed convolution, and the last.
Graph ManyNorms() {
  GraphBuilder builder;
  builder.AddInput("image", {8, 8, 2});
  builder.AddLayer("of_input", BatchNorm(), {"image"});
  builder.AddLayer("conv1", FoldableConv(5, false), {"of_input"});
  builder.AddLayer("norm1", BatchNorm(), {"conv1"});
  builder.AddLayer("norm1_again", BatchNorm(), {"norm1"});
  builder.AddLayer("relu1", layers::Relu(), {"norm1_again"});
  builder.AddLayer("of_relu", BatchNorm(), {"relu1"});
  builder.AddLayer("conv2", FoldableConv(3, true), {"of_relu"});
  builder.AddLayer("norm2", BatchNorm(), {"conv2"});
  builder.AddLayer("sum", layers::Add(), {"conv2", "norm2"});
  builder.AddLayer("groups",
                   layers::Conv2d({.output_channels = 6,
                                   .window = {.kernel = {2, 2}},
                                   .has_bias = false,
                                   .groups = 3}),
                   {"sum"});
  builder.AddLayer("of_groups", BatchNorm(), {"groups"});
  builder.AddLayer("table",
                   layers::Conv2d({.output_channels = 2,
                                   .window = {.kernel = {2, 2}},
                                   .connections = {{0, 1, 5}, {2}}}),
                   {"of_groups"});
  builder.AddLayer("of_table", BatchNorm(), {"table"});
  builder.AddLayer(
      "transpose",
      layers::ConvTranspose2d({.output_channels = 4,
                               .window = {.kernel = {2, 2}, .stride = {2, 2}},
                               .has_bias = false}),
      {"of_table"});
  builder.AddLayer("of_transpose", BatchNorm(), {"transpose"});
  builder.AddLayer("flatten", layers::Flatten(), {"of_transpose"});
  builder.AddLayer("dropout", layers::Dropout(0.5), {"flatten"});
  builder.AddLayer("linear", FoldableLinear(4, true), {"dropout"});
  builder.AddLayer("norm3", BatchNorm(), {"linear"});
  return *builder.Build();
}

TEST(FoldBatchNormTest, KeepsTheOtherLayersAndTheirNames) {
  const Graph graph = ManyNorms();
  LENSLET_ASSERT_OK_AND_ASSIGN(const FoldedNetwork folded,
                               FoldBatchNorm(graph, ExactParameters(graph)));
  EXPECT_THAT(LayerNames(folded.graph),
              ElementsAre("of_input", "conv1", "relu1", "of_relu", "conv2",
                          "norm2", "sum", "groups", "table", "of_table",
                          "transpose", "flatten", "dropout", "linear"));
  EXPECT_THAT(
      ParameterNames(folded.graph),
      ElementsAre("of_input.scale", "of_input.bias", "of_input.running_mean",
                  "of_input.running_variance", "conv1.weight", "conv1.bias",
                  "of_relu.scale", "of_relu.bias", "of_relu.running_mean",
                  "of_relu.running_variance", "conv2.weight", "conv2.bias",
                  "norm2.scale", "norm2.bias", "norm2.running_mean",
                  "norm2.running_variance", "groups.weight", "groups.bias",
                  "table.weight", "table.bias", "of_table.scale",
                  "of_table.bias", "of_table.running_mean",
                  "of_table.running_variance", "transpose.weight",
                  "transpose.bias", "linear.weight", "linear.bias"));
}

Tensor Outputs(const Graph& graph, const Parameters& parameters,
               Backend backend, const Tensor& x) {
  const int64_t images = x.shape().dim(0);
  auto executor = *Executor::Create(graph, parameters,
                                    {.backend = backend, .images = images});
  std::copy(x.span().begin(), x.span().end(), executor->input().span().begin());
  executor->Forward(images);
  Tensor y(executor->output().shape());
  std::copy_n(executor->output().data(), y.span().size(), y.data());
  return y;
}

TEST(FoldBatchNormTest, ComputesTheSameOnAllBackends) {
  const Graph graph = ManyNorms();
  const Parameters parameters = ExactParameters(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(const FoldedNetwork folded,
                               FoldBatchNorm(graph, parameters));
  Tensor x({19, 8, 8, 2});
  Random random(/*seed=*/2);
  for (float& value : x.span()) {
    value = static_cast<float>(random.Below(5) - 2);
  }
  const Tensor expected = Outputs(graph, parameters, Backend::kReference, x);
  EXPECT_NE(expected.data()[0], expected.data()[4]);  // Images matter.
  for (const Backend backend : kBackends) {
    SCOPED_TRACE(std::string(Name(backend)));
    LENSLET_EXPECT_OK(
        AllClose(Outputs(graph, parameters, backend, x), expected, {}));
    LENSLET_EXPECT_OK(AllClose(
        Outputs(folded.graph, folded.parameters, backend, x), expected, {}));
  }
}

TEST(FoldBatchNormTest, UpdatesWhatHasChanged) {
  const Graph graph = ManyNorms();
  Parameters parameters = ExactParameters(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(FoldedNetwork updated,
                               FoldBatchNorm(graph, parameters));
  Random random(/*seed=*/4);
  FillUniform(0.5, 1.5, random, parameters.array());
  LENSLET_ASSERT_OK_AND_ASSIGN(const FoldedNetwork fresh,
                               FoldBatchNorm(graph, parameters));
  EXPECT_NE(updated.parameters.array(), fresh.parameters.array());
  UpdateFolded(graph, parameters, updated);
  for (int i = 0; i < fresh.parameters.size(); ++i) {
    EXPECT_EQ(updated.parameters.view(i).span(),
              fresh.parameters.view(i).span())
        << fresh.parameters.info(i).name;
  }
}

// Weights and biases that are no small whole numbers are rounded.
TEST(FoldBatchNormTest, RoundsWeights) {
  GraphBuilder builder;
  builder.AddInput("x", {6, 6, 5});
  builder.AddLayer("conv", FoldableConv(7, true), {"x"});
  builder.AddLayer("norm", layers::BatchNorm(), {"conv"});
  const Graph graph = *builder.Build();
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/3);
  FillUniform(0.5, 1.5, random, parameters.array());
  LENSLET_ASSERT_OK_AND_ASSIGN(const FoldedNetwork folded,
                               FoldBatchNorm(graph, parameters));
  Tensor x({3, 6, 6, 5});
  FillUniform(-1, 1, random, x.span());
  const Tensor expected = Outputs(graph, parameters, Backend::kReference, x);
  // 45 products of numbers up to 1.5, scaled by at most 1.5 / sqrt(0.5): each
  // has three roundings, and 45 partial sums, up to 45 times as large, one.
  const double tolerance = 0x1p-24 * 1.5 * 1.5 / 0.7 * 45 * (3 + 45);
  for (const Backend backend : kBackends) {
    LENSLET_EXPECT_OK(
        AllClose(Outputs(folded.graph, folded.parameters, backend, x), expected,
                 {.absolute = tolerance}))
        << Name(backend);
  }
}

TEST(FoldBatchNormTest, ANetworkWithoutStaysAsItIs) {
  GraphBuilder builder;
  builder.AddInput("x", {3});
  builder.AddLayer("linear", FoldableLinear(2, false), {"x"});
  const Graph graph = *builder.Build();
  const Parameters parameters = ExactParameters(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(const FoldedNetwork folded,
                               FoldBatchNorm(graph, parameters));
  EXPECT_THAT(ParameterNames(folded.graph), ElementsAre("linear.weight"));
  EXPECT_EQ(folded.parameters.array(), parameters.array());
}

}  // namespace
}  // namespace lenslet
