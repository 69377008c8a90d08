#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/layers/testing/network_check.h"
#include "lenslet/layers/testing/simple_layers.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

void SetInputNumber(const Tensor& x, int i, Executor& executor) {
  std::copy(x.span().begin(), x.span().end(), executor.input(i).span().begin());
}

class ExecutorGradientTest : public ::testing::TestWithParam<Backend> {
 protected:
  std::unique_ptr<Executor> Create(const Graph& graph,
                                   const Parameters& parameters,
                                   ExecutorOptions options) {
    options.backend = GetParam();
    options.training = true;
    return *Executor::Create(graph, parameters, options);
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, ExecutorGradientTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// y = 2 x0 + 3 x1 - 1 in whole numbers, so that nothing is rounded.
TEST_P(ExecutorGradientTest, AddsGradientsToWhatIsThere) {
  GraphBuilder builder;
  builder.AddInput("x", {2});
  builder.AddLayer("fc", Linear(1), {"x"});
  const Graph graph = *builder.Build();
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 2;
  parameters.view(0)[1] = 3;
  parameters.view(1)[0] = -1;
  auto executor =
      Create(graph, parameters, {.images = 3, .input_gradients = true});
  const Tensor x = Tensor::Of({3, 2}, {1, 2, 3, 4, 5, 6});
  SetInputNumber(x, 0, *executor);
  executor->Forward(2);
  EXPECT_THAT(executor->output().Slice(0, 2).span(), ElementsAre(7, 17));
  executor->output_gradient()[0] = 10;
  executor->output_gradient()[1] = 20;
  executor->output_gradient()[2] = 1e30f;  // Behind the two images.
  Parameters gradients = *Parameters::Create(graph);
  for (float& value : gradients.array()) value = 1000;
  executor->Backward(2, gradients.array());
  EXPECT_THAT(gradients.view(0).span(), ElementsAre(1070, 1100));
  EXPECT_THAT(gradients.view(1).span(), ElementsAre(1030));
  EXPECT_THAT(executor->InputGradient().Slice(0, 2).span(),
              ElementsAre(20, 30, 40, 60));
  executor->Backward(2, gradients.array());
  EXPECT_THAT(gradients.view(0).span(), ElementsAre(1140, 1200));
  EXPECT_THAT(gradients.view(1).span(), ElementsAre(1060));
  // Inputs' gradients are of one block.
  EXPECT_THAT(executor->InputGradient().Slice(0, 2).span(),
              ElementsAre(20, 30, 40, 60));
  // Nobody writes between the parameters.
  EXPECT_THAT(gradients.array().subspan(2, 14), Each(1000));
  EXPECT_THAT(gradients.array().subspan(17), Each(1000));
}

TEST_P(ExecutorGradientTest, RunsAGraphOfOnlyAReshape) {
  GraphBuilder builder;
  builder.AddInput("x", {2, 1});
  builder.AddLayer("flatten", layers::Flatten(), {"x"});
  const Graph graph = *builder.Build();
  const Parameters parameters = *Parameters::Create(graph);
  const Tensor x = Tensor::Of({2, 2, 1}, {1, 2, 3, 4});
  for (const bool input_gradients : {false, true}) {
    auto executor = Create(graph, parameters,
                           {.images = 2, .input_gradients = input_gradients});
    SetInputNumber(x, 0, *executor);
    executor->Forward(2);
    EXPECT_EQ(executor->output().shape(), Shape({2, 2}));
    EXPECT_THAT(executor->output().span(), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(executor->BackendOfLayer(0), GetParam());
    // There is nothing to train, and it is no error to do so.
    FillIota(5, executor->output_gradient().span());
    executor->Backward(2, {});
    if (!input_gradients) continue;
    EXPECT_THAT(executor->InputGradient().span(), ElementsAre(5, 6, 7, 8));
  }
}

TEST_P(ExecutorGradientTest, TrainsAGraphWithoutParameters) {
  GraphBuilder builder;
  builder.AddInput("x", {2});
  builder.AddLayer("relu1", layers::Relu(), {"x"});
  builder.AddLayer("relu2", layers::Relu(), {"relu1"});
  const Graph graph = *builder.Build();
  const Parameters parameters = *Parameters::Create(graph);
  auto executor = Create(graph, parameters, {.images = 1});
  SetInputNumber(Tensor::Of({1, 2}, {-1, 1}), 0, *executor);
  executor->Forward(1);
  FillIota(5, executor->output_gradient().span());
  executor->Backward(1, {});
  EXPECT_THAT(executor->output().span(), ElementsAre(0, 1));
}

TEST_P(ExecutorGradientTest, OfAChain) {
  GraphBuilder builder;
  builder.AddInput("image", {6, 6, 1});
  builder.AddLayer("conv1",
                   Conv({.output_channels = 2, .window = {.kernel = {3, 3}}}),
                   {"image"});
  builder.AddLayer("tanh1", Tanh(), {"conv1"});
  builder.AddLayer("pool", layers::AvgPool2d({.window = {.kernel = {2, 2}}}),
                   {"tanh1"});
  builder.AddLayer("conv2",
                   Conv({.output_channels = 3, .window = {.kernel = {2, 2}}}),
                   {"pool"});
  builder.AddLayer("sigmoid", layers::Sigmoid(), {"conv2"});
  builder.AddLayer("flatten", Flatten(), {"sigmoid"});
  builder.AddLayer("fc1", Linear(6), {"flatten"});
  builder.AddLayer("tanh2", Tanh(), {"fc1"});
  builder.AddLayer("fc2", Linear(4), {"tanh2"});
  CheckNetworkGradients(*builder.Build(), GetParam());
}

// "stem" has three users, of which one is a reshape and one comes first in the
// order of the layers; "sum" adds what has and what has not been through a
// convolution; "twice" adds a value to itself.
TEST_P(ExecutorGradientTest, OfBranches) {
  GraphBuilder builder;
  builder.AddInput("image", {4, 4, 1});
  builder.AddInput("other", {3});
  builder.AddLayer("conv",
                   Conv({.output_channels = 2, .window = {.kernel = {2, 2}}}),
                   {"image"});
  builder.AddLayer("stem", Tanh(), {"conv"});
  builder.AddLayer("flat_stem", Flatten(), {"stem"});
  builder.AddLayer("conv2",
                   Conv({.output_channels = 2,
                         .window = {.kernel = {3, 3}, .padding = {1, 1}}}),
                   {"stem"});
  builder.AddLayer("sum", Add(), {"conv2", "stem"});
  builder.AddLayer("flat_sum", Flatten(), {"sum"});
  builder.AddLayer("fc1", Linear(3), {"flat_sum"});
  builder.AddLayer("fc2", Linear(3), {"flat_stem"});
  builder.AddLayer("join", Add(), {"fc1", "fc2"});
  builder.AddLayer("tanh", Tanh(), {"join"});
  builder.AddLayer("twice", Add(), {"tanh", "tanh"});
  builder.AddLayer("with_other", Add(), {"other", "twice"});
  CheckNetworkGradients(*builder.Build(), GetParam());
}

// Of a layer's output, where the reshape is the user whose backward comes first
// and last, and of the graph's input.
TEST_P(ExecutorGradientTest, OfAReshapeOfABranchedValue) {
  for (const bool reshape_first : {false, true}) {
    SCOPED_TRACE(reshape_first);
    GraphBuilder builder;
    builder.AddInput("x", {2, 3});
    builder.AddLayer("stem", Linear(3), {"x"});
    if (reshape_first) builder.AddLayer("flat", Flatten(), {"stem"});
    builder.AddLayer("tanh", Tanh(), {"stem"});
    if (!reshape_first) builder.AddLayer("flat", Flatten(), {"stem"});
    builder.AddLayer("flat_tanh", Flatten(), {"tanh"});
    builder.AddLayer("fc1", Linear(2), {"flat"});
    builder.AddLayer("fc2", Linear(2), {"flat"});
    builder.AddLayer("fc3", Linear(2), {"flat_tanh"});
    builder.AddLayer("sum", Add(), {"fc1", "fc2"});
    builder.AddLayer("sum2", Add(), {"sum", "fc3"});
    builder.AddLayer("flat_x", Flatten(), {"x"});
    builder.AddLayer("fc4", Linear(2), {"flat_x"});
    builder.AddLayer("sum3", Add(), {"sum2", "fc4"});
    CheckNetworkGradients(*builder.Build(), GetParam());
  }
}

}  // namespace
}  // namespace lenslet
