// Graphs with branches, as residual and inception networks have them: outputs
// of all backends agree, and gradients are those of difference quotients.

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/layers/testing/network_check.h"
#include "lenslet/layers/testing/simple_layers.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// Keeps the image's size.
Layer SameSizeConv(int64_t output_channels) {
  return layers::Conv2d(
      {.output_channels = output_channels,
       .window = {.kernel = {3, 3}, .padding = {{1, 1}, {1, 1}}}});
}
Layer Gelu() { return layers::Gelu(); }
Layer Silu() { return layers::Silu(); }
Layer Concat(const ConcatSpec& spec = {}) { return layers::Concat(spec); }
Layer Reshape(std::vector<int64_t> shape) {
  return layers::Reshape(std::move(shape));
}
Layer Pool() { return layers::AvgPool2d({.window = {.kernel = {2, 2}}}); }

struct Network {
  std::string name;
  Graph graph;

  friend void PrintTo(const Network& n, std::ostream* os) { *os << n.name; }
};

// The sum of a convolution with its activation, which one kernel can compute,
// and of what is before both; then of a convolution, an activation and a
// pooling.
Graph Residual() {
  GraphBuilder builder;
  builder.AddInput("image", {4, 4, 2});
  builder.AddLayer("conv1", SameSizeConv(2), {"image"});
  builder.AddLayer("tanh1", Tanh(), {"conv1"});
  builder.AddLayer("sum1", Add(), {"tanh1", "image"});
  builder.AddLayer("conv2", SameSizeConv(2), {"sum1"});
  builder.AddLayer("tanh2", Tanh(), {"conv2"});
  builder.AddLayer("pool2", Pool(), {"tanh2"});
  builder.AddLayer("pool1", Pool(), {"sum1"});
  builder.AddLayer("sum2", Add(), {"pool1", "pool2", "pool1"});
  builder.AddLayer("flatten", layers::Flatten(), {"sum2"});
  builder.AddLayer("fc", Linear(2), {"flatten"});
  return *builder.Build();
}

// Channels of the graph's input, of a fused convolution and of a value that
// others read as well, one of which stands there twice; then rows.
Graph Inception() {
  GraphBuilder builder;
  builder.AddInput("image", {3, 5, 1});
  builder.AddLayer("conv1", SameSizeConv(3), {"image"});
  builder.AddLayer("tanh1", Tanh(), {"conv1"});
  builder.AddLayer("conv2", SameSizeConv(2), {"tanh1"});
  builder.AddLayer("tanh2", Tanh(), {"conv2"});
  builder.AddLayer("channels", Concat(), {"image", "tanh2", "tanh1", "tanh2"});
  builder.AddLayer("conv3", SameSizeConv(1), {"channels"});
  builder.AddLayer("rows", Concat({.axis = 0}), {"conv3", "image"});
  builder.AddLayer("tanh3", Tanh(), {"rows"});
  return *builder.Build();
}

// Reshapes of an input, of a value that others read, and of a reshape.
Graph Reshapes() {
  GraphBuilder builder;
  builder.AddInput("x", {12});
  builder.AddLayer("image", Reshape({2, 3, -1}), {"x"});
  builder.AddLayer("conv", SameSizeConv(2), {"image"});
  builder.AddLayer("tanh", Tanh(), {"conv"});
  builder.AddLayer("sum", Add(), {"tanh", "image"});
  builder.AddLayer("rows", Reshape({4, 3}), {"sum"});
  builder.AddLayer("twice", Reshape({-1}), {"rows"});
  builder.AddLayer("fc1", Linear(2), {"rows"});
  builder.AddLayer("fc2", Linear(8), {"twice"});
  builder.AddLayer("fc2_rows", Reshape({4, 2}), {"fc2"});
  builder.AddLayer("join", Add(), {"fc1", "fc2_rows", "fc1"});
  builder.AddLayer("flat", Reshape({8}), {"join"});
  builder.AddLayer("all", Concat(), {"flat", "x", "twice"});
  return *builder.Build();
}

// Activations that stay outside of the kernels before them.
Graph KeptInputs() {
  GraphBuilder builder;
  builder.AddInput("image", {4, 4, 1});
  builder.AddLayer("conv1", SameSizeConv(2), {"image"});
  builder.AddLayer("gelu", Gelu(), {"conv1"});
  builder.AddLayer("conv2", SameSizeConv(2), {"gelu"});
  builder.AddLayer("silu", Silu(), {"conv2"});
  builder.AddLayer("sum", Add(), {"silu", "gelu"});
  return *builder.Build();
}

// Squeeze and excitation, with its gate repeated in a product and in a sum, and
// a product of a value with itself.
Graph Gated() {
  GraphBuilder builder;
  builder.AddInput("image", {2, 2, 2});
  builder.AddLayer("conv", SameSizeConv(2), {"image"});
  builder.AddLayer("tanh", Tanh(), {"conv"});
  builder.AddLayer("pool", layers::GlobalAvgPool(), {"tanh"});
  builder.AddLayer("fc", Linear(2), {"pool"});
  builder.AddLayer("gate", layers::Sigmoid(), {"fc"});
  builder.AddLayer("scaled", layers::Mul(), {"tanh", "gate"});
  builder.AddLayer("square", layers::Mul(), {"scaled", "scaled"});
  builder.AddLayer("sum", Add(), {"gate", "square", "image"});
  return *builder.Build();
}

std::vector<Network> Networks() {
  return {{"Residual", Residual()},
          {"Inception", Inception()},
          {"Reshapes", Reshapes()},
          {"KeptInputs", KeptInputs()},
          {"Gated", Gated()}};
}

class BranchesTest : public ::testing::TestWithParam<Network> {};

INSTANTIATE_TEST_SUITE_P(Networks, BranchesTest,
                         ::testing::ValuesIn(Networks()),
                         [](const auto& info) { return info.param.name; });

TEST_P(BranchesTest, GradientsAreThoseOfDifferenceQuotients) {
  for (Backend backend : kTrainingBackends) {
    SCOPED_TRACE(std::string(Name(backend)));
    CheckNetworkGradients(GetParam().graph, backend);
  }
}

// With and without training and kept outputs, which change what kernels
// compute together and which memory they share.
TEST_P(BranchesTest, OutputsAgreeWithReference) {
  const Graph& graph = GetParam().graph;
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/5);
  // The absolute weights and the bias of an output add up to 1 at most.
  for (const Graph::Node& node : graph.nodes()) {
    for (int p = 0; p < node.parameter_count; ++p) {
      const int64_t fan_in =
          graph.parameters()[node.first_parameter].info.fan_in;
      const double limit = 1.0 / static_cast<double>(fan_in + 1);
      FillUniform(-limit, limit, random,
                  parameters.view(node.first_parameter + p).span());
    }
  }
  const Shape& image = graph.inputs()[0].shape;
  constexpr int64_t kImages = 19;
  Tensor x(*image.WithOuter(kImages));
  FillUniform(-1, 1, random, x.span());
  const auto run = [&](ExecutorOptions options) {
    options.images = kImages;
    auto executor = *Executor::Create(graph, parameters, options);
    std::copy(x.span().begin(), x.span().end(),
              executor->input().span().begin());
    executor->Forward(kImages);
    const View<const float> y = executor->output();
    Tensor copy(y.shape());
    std::copy(y.span().begin(), y.span().end(), copy.data());
    return copy;
  };
  const Tensor expected = run({.backend = Backend::kReference});
  // A layer with weights adds at most 75 roundings of numbers up to 2, for its
  // up to 72 terms, and makes what is there no larger; an activation adds 16.
  // There are three of each on any path. Sums on it, of two and then three
  // inputs, make that 6 times as much.
  const Tolerance tolerance = {.absolute = 6 * 3 * (75 * 2 + 16) * 0x1p-24};
  for (Backend backend : kBackends) {
    for (const bool training : {false, true}) {
      for (const bool keep_outputs : {false, true}) {
        SCOPED_TRACE(std::string(Name(backend)));
        LENSLET_EXPECT_OK(AllClose(run({.backend = backend,
                                        .training = training,
                                        .keep_outputs = keep_outputs}),
                                   expected, tolerance));
      }
    }
  }
}

TEST(ExecutorBranchesTest, FusesInFrontOfASkipConnection) {
  const Graph graph = Residual();
  const Parameters parameters = *Parameters::Create(graph);
  const auto executor = *Executor::Create(
      graph, parameters, {.backend = Backend::kLanes, .training = true});
  std::vector<std::string> fused;
  for (int node = 0; node < executor->layer_count(); ++node) {
    EXPECT_EQ(executor->BackendOfLayer(node), Backend::kLanes);
    if (executor->IsFused(node)) fused.push_back(graph.nodes()[node].name);
  }
  EXPECT_THAT(fused, ElementsAre("tanh1", "tanh2", "pool2"));
}

TEST(ExecutorBranchesTest, FusesNoActivationThatNeedsItsInput) {
  const Graph graph = KeptInputs();
  const Parameters parameters = *Parameters::Create(graph);
  for (Backend backend : {Backend::kLanes, Backend::kDirect}) {
    const auto executor =
        *Executor::Create(graph, parameters, {.backend = backend});
    for (int node = 0; node < executor->layer_count(); ++node) {
      EXPECT_EQ(executor->BackendOfLayer(node), backend);
      EXPECT_FALSE(executor->IsFused(node)) << graph.nodes()[node].name;
    }
  }
}

}  // namespace
}  // namespace lenslet
