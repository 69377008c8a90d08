#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/activation.h"
#include "layers/conv.h"
#include "layers/executor.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/pool.h"
#include "layers/testing/add_layer.h"
#include "tensor/fill.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::shared_ptr<const Layer> Linear(int64_t output_features) {
  return std::make_shared<layers::Linear>(
      layers::LinearOptions{.output_features = output_features});
}
std::shared_ptr<const Layer> Conv(const layers::ConvOptions& options) {
  return std::make_shared<layers::Conv2d>(options);
}
std::shared_ptr<const Layer> Tanh() { return std::make_shared<layers::Tanh>(); }
std::shared_ptr<const Layer> Flatten() {
  return std::make_shared<layers::Flatten>();
}
std::shared_ptr<const Layer> Add() { return std::make_shared<AddLayer>(); }

void SetInput(const Tensor& x, int i, Executor& executor) {
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
  SetInput(x, 0, *executor);
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
  builder.AddLayer("flatten", std::make_shared<layers::Flatten>(), {"x"});
  const Graph graph = *builder.Build();
  const Parameters parameters = *Parameters::Create(graph);
  const Tensor x = Tensor::Of({2, 2, 1}, {1, 2, 3, 4});
  for (const bool input_gradients : {false, true}) {
    auto executor = Create(graph, parameters,
                           {.images = 2, .input_gradients = input_gradients});
    SetInput(x, 0, *executor);
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
  builder.AddLayer("relu1", std::make_shared<layers::Relu>(), {"x"});
  builder.AddLayer("relu2", std::make_shared<layers::Relu>(), {"relu1"});
  const Graph graph = *builder.Build();
  const Parameters parameters = *Parameters::Create(graph);
  auto executor = Create(graph, parameters, {.images = 1});
  SetInput(Tensor::Of({1, 2}, {-1, 1}), 0, *executor);
  executor->Forward(1);
  FillIota(5, executor->output_gradient().span());
  executor->Backward(1, {});
  EXPECT_THAT(executor->output().span(), ElementsAre(0, 1));
}

// Checks all gradients of a network against finite differences of its own
// forward. All layers are smooth, or sums and averages.
//
// How far the two may be apart: with a step h, the difference quotient D(h) has
// a truncation error of c h^2 + O(h^4), which (4 D(h / 2) - D(h)) / 3 removes
// but for O(h^4); what it removes, |D(h) - D(h / 2)|, bounds what it leaves.
// The rounding error of the loss goes into D(h) divided by h. It is bounded
// from layer to layer, as the absolute weights and the bias of each output add
// up to kRowSum at most: a layer makes no error more than kRowSum times larger.
class NetworkCheck {
 public:
  static constexpr double kStep = 0.5;
  static constexpr double kRowSum = 3;
  static constexpr int64_t kImages = 2;

  NetworkCheck(const Graph& graph, Backend backend)
      : graph_(graph), parameters_(*Parameters::Create(graph)) {
    FillParameters();
    executor_ = *Executor::Create(graph_, parameters_,
                                  {.backend = backend,
                                   .images = kImages + 1,
                                   .training = true,
                                   .input_gradients = true});
    for (const Graph::Input& input : graph_.inputs()) {
      inputs_.emplace_back(*input.shape.WithOuter(kImages));
      // With a step, at most 1.
      FillUniform(kStep - 1, 1 - kStep, random_, inputs_.back().span());
    }
    const Shape& output = graph_.ShapeOfValue(graph_.output_value());
    output_gradient_ = Tensor(*output.WithOuter(kImages));
    FillUniform(-1, 1, random_, output_gradient_.span());
  }

  void Run() {
    Parameters gradients = *Parameters::Create(graph_);
    Forward();
    std::copy(output_gradient_.span().begin(), output_gradient_.span().end(),
              executor_->output_gradient().span().begin());
    executor_->Backward(kImages, gradients.array());
    // Finite differences run forward only; the inputs' gradients stay.
    for (int i = 0; i < parameters_.size(); ++i) {
      Check(parameters_.info(i).name, gradients.view(i), parameters_.view(i));
    }
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const View<const float> gradient =
          executor_->InputGradient(static_cast<int>(i)).Slice(0, kImages);
      Check(graph_.inputs()[i].name, gradient, inputs_[i].view());
    }
  }

 private:
  // A step away from kRowSum.
  void FillParameters() {
    for (const Graph::Node& node : graph_.nodes()) {
      if (node.parameter_count == 0) continue;
      const View<float> weight = parameters_.view(node.first_parameter);
      const View<float> bias = parameters_.view(node.first_parameter + 1);
      FillUniform(-1, 1, random_, weight.span());
      FillUniform(-1, 1, random_, bias.span());
      const int64_t fan_in = weight.shape().inner_elements();
      for (int64_t o = 0; o < bias.size(); ++o) {
        double sum = std::abs(bias[o]);
        for (int64_t i = 0; i < fan_in; ++i) {
          sum += std::abs(weight[o * fan_in + i]);
        }
        const float scale = static_cast<float>((kRowSum - kStep) / sum);
        bias[o] *= scale;
        for (int64_t i = 0; i < fan_in; ++i) weight[o * fan_in + i] *= scale;
      }
    }
  }

  void Forward() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      SetInput(inputs_[i], static_cast<int>(i), *executor_);
    }
    executor_->Forward(kImages);
  }

  double Loss() {
    LENSLET_EXPECT_OK(executor_->ParametersChanged());
    Forward();
    double loss = 0;
    for (int64_t i = 0; i < output_gradient_.shape().elements(); ++i) {
      loss += static_cast<double>(output_gradient_.data()[i]) *
              executor_->output()[i];
    }
    return loss;
  }

  double Quotient(float& value, double step) {
    const float saved = value;
    value = static_cast<float>(saved + step);
    const double above = value;
    const double loss_above = Loss();
    value = static_cast<float>(saved - step);
    const double below = value;
    const double loss_below = Loss();
    value = saved;
    return (loss_above - loss_below) / (above - below);
  }

  // How far the loss may be from that without rounding.
  double LossError() const {
    constexpr double kRoundoff = 0x1p-24;
    // XNNPACK's sigmoid and tanh, as in ops/activation's test.
    constexpr double kFunctionError = 4 * 0x1p-23;
    // Of each value: the largest absolute element, and its error.
    std::vector<double> largest(graph_.inputs().size(), 1.0);
    std::vector<double> error(graph_.inputs().size(), 0.0);
    for (const Graph::Node& node : graph_.nodes()) {
      const std::string type(node.layer->type());
      double size = largest[node.inputs[0]];
      double e = error[node.inputs[0]];
      if (node.parameter_count > 0) {
        // A float sum of n terms errs by at most n roundings of the sum of
        // their absolute values. The bias is a weight of 1.
        const int64_t fan_in =
            graph_.parameters()[node.first_parameter].info.fan_in;
        size = kRowSum * std::max(size, 1.0);
        e = kRowSum * e + kRoundoff * static_cast<double>(fan_in + 2) * size;
      } else if (type == "Add") {
        size += largest[node.inputs[1]];
        e += error[node.inputs[1]] + kRoundoff * size;
      } else if (type == "AvgPool2d") {
        e += kRoundoff * 6 * size;  // Four terms, and a factor.
      } else if (type == "Tanh" || type == "Sigmoid") {
        size = 1;
        e = (type == "Tanh" ? e : e / 4) + kFunctionError;
      } else {
        LENSLET_CHECK(node.layer->IsReshape(/*training=*/true));
      }
      largest.push_back(size);
      error.push_back(e);
    }
    double sum = 0;
    for (float dy : output_gradient_.span()) sum += std::abs(dy) * error.back();
    return sum;
  }

  void Check(const std::string& name, View<const float> gradient,
             View<float> values) {
    constexpr int64_t kSamples = 25;
    // Two losses with an error each, over 2 h, in each quotient.
    const double noise =
        LossError() * (4.0 / 3 / (kStep / 2) + 1.0 / 3 / kStep);
    double largest = 0;
    double largest_tolerance = 0;
    for (int64_t sample = 0; sample < std::min(kSamples, values.size());
         ++sample) {
      const int64_t i =
          values.size() <= kSamples ? sample : random_.Below(values.size());
      const double whole = Quotient(values[i], kStep);
      const double half = Quotient(values[i], kStep / 2);
      const double tolerance = std::abs(half - whole) + noise;
      ASSERT_NEAR(gradient[i], (4 * half - whole) / 3, tolerance)
          << name << ", element " << i;
      largest = std::max<double>(largest, std::abs(gradient[i]));
      largest_tolerance = std::max(largest_tolerance, tolerance);
    }
    // A gradient that is lost in the tolerance has not been checked.
    EXPECT_GT(largest, 10 * largest_tolerance) << name;
  }

  Random random_{/*seed=*/3};
  Graph graph_;
  Parameters parameters_;
  std::unique_ptr<Executor> executor_;
  std::vector<Tensor> inputs_;
  Tensor output_gradient_;
};

TEST_P(ExecutorGradientTest, OfAChain) {
  GraphBuilder builder;
  builder.AddInput("image", {6, 6, 1});
  builder.AddLayer("conv1", Conv({.output_channels = 2, .kernel = {3, 3}}),
                   {"image"});
  builder.AddLayer("tanh1", Tanh(), {"conv1"});
  builder.AddLayer("pool",
                   std::make_shared<layers::AvgPool2d>(
                       layers::PoolOptions{.kernel = {2, 2}}),
                   {"tanh1"});
  builder.AddLayer("conv2", Conv({.output_channels = 3, .kernel = {2, 2}}),
                   {"pool"});
  builder.AddLayer("sigmoid", std::make_shared<layers::Sigmoid>(), {"conv2"});
  builder.AddLayer("flatten", Flatten(), {"sigmoid"});
  builder.AddLayer("fc1", Linear(6), {"flatten"});
  builder.AddLayer("tanh2", Tanh(), {"fc1"});
  builder.AddLayer("fc2", Linear(4), {"tanh2"});
  NetworkCheck(*builder.Build(), GetParam()).Run();
}

// "stem" has three users, of which one is a reshape and one comes first in the
// order of the layers; "sum" adds what has and what has not been through a
// convolution; "twice" adds a value to itself.
TEST_P(ExecutorGradientTest, OfBranches) {
  GraphBuilder builder;
  builder.AddInput("image", {4, 4, 1});
  builder.AddInput("other", {3});
  builder.AddLayer("conv", Conv({.output_channels = 2, .kernel = {2, 2}}),
                   {"image"});
  builder.AddLayer("stem", Tanh(), {"conv"});
  builder.AddLayer("flat_stem", Flatten(), {"stem"});
  builder.AddLayer(
      "conv2",
      Conv({.output_channels = 2, .kernel = {3, 3}, .padding = {1, 1}}),
      {"stem"});
  builder.AddLayer("sum", Add(), {"conv2", "stem"});
  builder.AddLayer("flat_sum", Flatten(), {"sum"});
  builder.AddLayer("fc1", Linear(3), {"flat_sum"});
  builder.AddLayer("fc2", Linear(3), {"flat_stem"});
  builder.AddLayer("join", Add(), {"fc1", "fc2"});
  builder.AddLayer("tanh", Tanh(), {"join"});
  builder.AddLayer("twice", Add(), {"tanh", "tanh"});
  builder.AddLayer("with_other", Add(), {"other", "twice"});
  NetworkCheck(*builder.Build(), GetParam()).Run();
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
    NetworkCheck(*builder.Build(), GetParam()).Run();
  }
}

}  // namespace
}  // namespace lenslet
