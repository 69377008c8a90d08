#include "lenslet/layers/executor.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/layers/testing/simple_layers.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/reshape/reshape.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A LeNet of 12x12 pixels.
Graph SmallLeNet(const PoolSpec& pool = {.window = {.kernel = {2, 2}}}) {
  GraphBuilder builder;
  builder.AddInput("image", {12, 12, 1});
  builder.AddLayer(
      "conv",
      layers::Conv2d({.output_channels = 3, .window = {.kernel = {3, 3}}}),
      {"image"});
  builder.AddLayer("sigmoid", layers::Sigmoid(), {"conv"});
  builder.AddLayer("pool", layers::AvgPool2d(pool), {"sigmoid"});
  builder.AddLayer("flatten", layers::Flatten(), {"pool"});
  builder.AddLayer("fc", Linear(10), {"flatten"});
  return *builder.Build();
}

Parameters RandomParameters(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/7);
  for (int i = 0; i < parameters.size(); ++i) {
    FillUniform(-0.5, 0.5, random, parameters.view(i).span());
  }
  return parameters;
}

Tensor RandomImages(int64_t images) {
  Tensor x({images, 12, 12, 1});
  Random random(/*seed=*/8);
  FillUniform(-1, 1, random, x.span());
  return x;
}

void SetInput(const Tensor& x, Executor& executor) {
  std::copy(x.span().begin(), x.span().end(), executor.input().span().begin());
}

Tensor ToTensor(View<const float> view) {
  Tensor tensor(view.shape());
  std::copy(view.span().begin(), view.span().end(), tensor.span().begin());
  return tensor;
}

// What each layer of SmallLeNet() computes, by the operators' simple calls.
struct LayerOutputs {
  Tensor conv, sigmoid, pool, flatten, fc;
};
LayerOutputs ByHand(const Tensor& x, const Parameters& parameters,
                    Backend backend, const PoolSpec& pool,
                    Backend pool_backend) {
  const auto parameter = [&](int i) { return ToTensor(parameters.view(i)); };
  LayerOutputs y;
  y.conv = *Conv2d(x, parameter(0), parameter(1), {.backend = backend});
  y.sigmoid = *Sigmoid(y.conv, backend);
  y.pool = *AvgPool2d(y.sigmoid, pool.window.kernel,
                      {.stride = pool.window.stride,
                       .padding = pool.window.padding,
                       .count_padding = pool.count_padding,
                       .backend = pool_backend});
  y.flatten = *Flatten(y.pool);
  y.fc = *lenslet::Linear(y.flatten, parameter(2), parameter(3), backend);
  return y;
}

class ExecutorTest : public ::testing::TestWithParam<Backend> {
 protected:
  std::unique_ptr<Executor> Create(const Graph& graph,
                                   const Parameters& parameters,
                                   ExecutorOptions options = {}) {
    options.backend = GetParam();
    return *Executor::Create(graph, parameters, options);
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, ExecutorTest, ::testing::ValuesIn(kBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// The same kernels on the same numbers: to the last bit, whether memory is
// shared or not.
TEST_P(ExecutorTest, ComputesWhatTheSimpleCallsDo) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  const Tensor x = RandomImages(4);
  const LayerOutputs y = ByHand(x, parameters, GetParam(),
                                {.window = {.kernel = {2, 2}}}, GetParam());
  for (const bool training : {false, true}) {
    // What is trained runs on reference.
    if (training && !CanTrain(GetParam())) continue;
    auto executor =
        Create(graph, parameters, {.images = 4, .training = training});
    // Each run starts from the images alone.
    for (int run = 0; run < 2; ++run) {
      SetInput(x, *executor);
      executor->Forward(4);
      EXPECT_EQ(executor->output().shape(), Shape({4, 10}));
      LENSLET_EXPECT_OK(AllClose(executor->output(), y.fc.view(), {}));
    }
  }
}

TEST_P(ExecutorTest, KeepsTheOutputOfEachLayer) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  const Tensor x = RandomImages(4);
  const LayerOutputs y = ByHand(x, parameters, GetParam(),
                                {.window = {.kernel = {2, 2}}}, GetParam());
  for (const bool training : {false, true}) {
    // What is trained runs on reference.
    if (training && !CanTrain(GetParam())) continue;
    auto executor =
        Create(graph, parameters,
               {.images = 4, .training = training, .keep_outputs = true});
    SetInput(x, *executor);
    executor->Forward(4);
    const auto expect_output = [&](const std::string& name,
                                   const Tensor& expected) {
      LENSLET_ASSERT_OK_AND_ASSIGN(View<const float> actual,
                                   executor->LayerOutput(name));
      LENSLET_EXPECT_OK(AllClose(actual, expected.view(), {})) << name;
    };
    expect_output("conv", y.conv);
    expect_output("sigmoid", y.sigmoid);
    expect_output("pool", y.pool);
    expect_output("flatten", y.flatten);
    expect_output("fc", y.fc);
  }
}

TEST_P(ExecutorTest, SaysWhichOutputsThereAre) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  auto executor = Create(graph, parameters, {.images = 1});
  SetInput(RandomImages(1), *executor);
  executor->Forward(1);
  EXPECT_THAT(executor->LayerOutput("pol"),
              StatusIs(absl::StatusCode::kNotFound,
                       "there is no layer \"pol\"; did you mean \"pool\"?"));
  EXPECT_THAT(
      executor->LayerOutput("image"),  // An input is no layer.
      StatusIs(absl::StatusCode::kNotFound, "there is no layer \"image\""));
  EXPECT_THAT(executor->LayerOutput("pool"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the output of layer \"pool\" was not kept: set "
                       "keep_outputs"));
  // The last one always is.
  LENSLET_ASSERT_OK_AND_ASSIGN(View<const float> last,
                               executor->LayerOutput("fc"));
  EXPECT_EQ(last.data(), executor->output().data());
}

// A block may be filled in part; what is behind the images does not matter.
TEST_P(ExecutorTest, APartOfABlockIsComputedAsInAWholeOne) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  const Tensor x = RandomImages(16);
  Tensor garbage({16, 12, 12, 1});
  for (const bool training : {false, true}) {
    // What is trained runs on reference.
    if (training && !CanTrain(GetParam())) continue;
    auto executor =
        Create(graph, parameters, {.images = 16, .training = training});
    SetInput(x, *executor);
    executor->Forward(16);
    const Tensor whole = ToTensor(executor->output());
    std::copy_n(x.data(), 7 * 144, garbage.data());
    std::fill(garbage.data() + 7 * 144, garbage.data() + 16 * 144, 1e30f);
    for (int64_t images : {7, 1, 7}) {
      SetInput(garbage, *executor);
      executor->Forward(images);
      LENSLET_EXPECT_OK(AllClose(executor->output().Slice(0, images),
                                 whole.view().Slice(0, images), {}))
          << images << " images";
    }
  }
}

TEST_P(ExecutorTest, TakesNewParametersWhenItIsTold) {
  const Graph graph = SmallLeNet();
  Parameters parameters = RandomParameters(graph);
  const Tensor x = RandomImages(2);
  auto executor = Create(graph, parameters, {.images = 2});
  SetInput(x, *executor);
  executor->Forward(2);
  const Tensor before = ToTensor(executor->output());
  for (float& value : parameters.array()) value *= -0.5f;
  LENSLET_ASSERT_OK(executor->ParametersChanged());
  SetInput(x, *executor);
  executor->Forward(2);
  const LayerOutputs y = ByHand(x, parameters, GetParam(),
                                {.window = {.kernel = {2, 2}}}, GetParam());
  LENSLET_EXPECT_OK(AllClose(executor->output(), y.fc.view(), {}));
  EXPECT_FALSE(AllClose(executor->output(), before.view(), {}).ok());
}

TEST_P(ExecutorTest, ExecutorsShareParameters) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  const Tensor x = RandomImages(2);
  auto first = Create(graph, parameters, {.images = 2});
  auto second = Create(graph, parameters, {.images = 2});
  SetInput(x, *first);
  SetInput(x, *second);
  first->Forward(2);
  second->Forward(2);
  LENSLET_EXPECT_OK(AllClose(first->output(), second->output(), {}));
}

TEST_P(ExecutorTest, ABranchJoinsAgain) {
  GraphBuilder builder;
  builder.AddInput("left", {2});
  builder.AddInput("right", {2});
  builder.AddLayer("relu", layers::Relu(), {"left"});
  builder.AddLayer("once", layers::Add(), {"relu", "right"});
  builder.AddLayer("more", layers::Add(), {"once", "relu"});
  builder.AddLayer("twice", layers::Add(), {"more", "more"});
  const Graph graph = *builder.Build();
  const Parameters parameters = *Parameters::Create(graph);
  auto executor = Create(graph, parameters, {.images = 1});
  EXPECT_EQ(executor->BackendOfLayer(0), GetParam());
  EXPECT_EQ(executor->BackendOfLayer(1), GetParam());
  executor->input(0)[0] = -4;
  executor->input(0)[1] = 5;
  executor->input(1)[0] = 100;
  executor->input(1)[1] = 200;
  executor->Forward(1);
  // 2 * (relu(left) + right + relu(left))
  EXPECT_THAT(executor->output().span(), ElementsAre(200, 420));
}

TEST_P(ExecutorTest, MeasuresTimeOnRequestOnly) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  Parameters gradients = *Parameters::Create(graph);
  for (const bool measure_time : {false, true}) {
    auto executor =
        Create(graph, parameters,
               {.images = 16, .training = true, .measure_time = measure_time});
    SetInput(RandomImages(16), *executor);
    executor->Forward(16);
    const double once = executor->ForwardSeconds(0);
    executor->Forward(16);
    executor->Backward(16, gradients.array());
    EXPECT_EQ(executor->ForwardSeconds(0) > once, measure_time);
    EXPECT_EQ(executor->BackwardSeconds(0) > 0, measure_time);
    EXPECT_EQ(executor->ForwardSeconds(3), 0);  // A reshape.
  }
}

TEST_P(ExecutorTest, InferenceTakesLessMemoryThanTraining) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  EXPECT_LT(Create(graph, parameters)->arena_bytes(),
            Create(graph, parameters, {.training = true})->arena_bytes());
}

TEST_P(ExecutorTest, RefusesABlockOfNoImages) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  EXPECT_THAT(
      Executor::Create(graph, parameters, {.backend = GetParam(), .images = 0}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "a block of 0 images; expected at least 1"));
  EXPECT_THAT(Executor::Create(graph, parameters,
                               {.backend = GetParam(), .images = -16}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a block of -16 images; expected at least 1"));
}

TEST_P(ExecutorTest, RefusesMoreMemoryThanThereIs) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  const auto create = [&](int64_t images, bool training) {
    return Executor::Create(
        graph, parameters,
        {.backend = GetParam(), .images = images, .training = training});
  };
  for (const bool training : {false, true}) {
    // What is trained runs on reference.
    if (training && !CanTrain(GetParam())) continue;
    EXPECT_THAT(create(int64_t{1} << 36, training),
                StatusIs(absl::StatusCode::kResourceExhausted,
                         HasSubstr("not enough memory for the activations")));
    EXPECT_THAT(create(int64_t{1} << 60, training),
                StatusIs(absl::StatusCode::kResourceExhausted,
                         "the activations of 1152921504606846976 images are "
                         "more than any machine's memory"));
  }
}

// A pixel with 2^31 - 1 rows and columns of padding: little to read and write,
// but XNNPACK's kernel copies the padded image for the filter's gradient.
TEST(ExecutorMemoryTest, NamesTheLayerThatHasNoMemory) {
  GraphBuilder builder;
  builder.AddInput("x", {1, 1, 1});
  builder.AddLayer(
      "conv",
      layers::Conv2d(
          {.output_channels = 1,
           .window = {.kernel = {1, 1},
                      .stride = {kMaxAxisSize, kMaxAxisSize},
                      .padding = {{0, 0}, {kMaxAxisSize, kMaxAxisSize}}}}),
      {"x"});
  const Graph graph = *builder.Build();
  const Parameters parameters = *Parameters::Create(graph);
  EXPECT_THAT(Executor::Create(graph, parameters, {.training = true}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("layer \"conv\": not enough memory for a "
                                 "float32 tensor")));
}

// XNNPACK has no average pooling that counts padding.
TEST(ExecutorFallbackTest, ALayerThatXnnpackLacksRunsOnReference) {
  const PoolSpec pool = {.window = {.kernel = {2, 2}, .padding = {1, 1}},
                         .count_padding = true};
  const Graph graph = SmallLeNet(pool);
  const Parameters parameters = RandomParameters(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      auto executor,
      Executor::Create(graph, parameters,
                       {.backend = Backend::kXnnpack, .images = 2}));
  std::vector<Backend> backends;
  for (int node = 0; node < 5; ++node) {
    backends.push_back(executor->BackendOfLayer(node));
  }
  EXPECT_THAT(backends, ElementsAre(Backend::kXnnpack, Backend::kXnnpack,
                                    Backend::kReference, Backend::kXnnpack,
                                    Backend::kXnnpack));
  const Tensor x = RandomImages(2);
  const LayerOutputs y =
      ByHand(x, parameters, Backend::kXnnpack, pool, Backend::kReference);
  SetInput(x, *executor);
  executor->Forward(2);
  LENSLET_EXPECT_OK(AllClose(executor->output(), y.fc.view(), {}));
}

// A network of one layer, and images for it.
struct OneLayer {
  std::string name;
  Layer layer;
  Shape image;
  // Whether XNNPACK can run it without gradients.
  bool has_inference;
};

std::vector<OneLayer> LayersBeyondXnnpack() {
  const Padding frame(Axes{1, 0, 0}, Axes{0, 0, 0});
  return {
      // Its gradient's tables would begin before their memory.
      {"conv above the image",
       layers::Conv2d(
           {.output_channels = 8,
            .window = {.kernel = {5, 5}, .stride = {5, 5}, .padding = {2, 2}}}),
       {1, 1, 4},
       true},
      // The same of the output.
      {"transposed conv above the output",
       layers::ConvTranspose2d(
           {.output_channels = 8,
            .window = {.kernel = {5, 5}, .stride = {5, 5}, .padding = {2, 2}}}),
       {1, 1, 4},
       false},
      // One frame before the only one: that of the padding.
      {"conv with frames of padding",
       layers::Conv3d({.output_channels = 3,
                       .window = {.kernel = {1, 1, 1},
                                  .stride = {3, 3, 3},
                                  .padding = frame}}),
       {1, 3, 3, 2},
       false},
  };
}

TEST(ExecutorFallbackTest, WhatXnnpackComputesWronglyRunsOnReference) {
  for (const OneLayer& one : LayersBeyondXnnpack()) {
    GraphBuilder builder;
    builder.AddInput("image", one.image);
    builder.AddLayer("layer", one.layer, {"image"});
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, builder.Build());
    const Parameters parameters = RandomParameters(graph);
    for (const bool training : {false, true}) {
      SCOPED_TRACE(absl::StrCat(one.name, ", training ", training));
      const auto run = [&](Backend backend, Parameters& gradients) {
        auto executor = *Executor::Create(graph, parameters,
                                          {.backend = backend,
                                           .images = 2,
                                           .training = training,
                                           .input_gradients = training});
        EXPECT_EQ(executor->BackendOfLayer(0), one.has_inference && !training
                                                   ? backend
                                                   : Backend::kReference);
        FillIota(1, executor->input().span());
        executor->Forward(2);
        std::vector<Tensor> results;
        results.push_back(ToTensor(executor->output()));
        if (!training) return results;
        FillIota(1, executor->output_gradient().span());
        executor->Backward(2, gradients.array());
        const View<const float> dx = executor->InputGradient();
        results.emplace_back(dx.shape());
        std::copy(dx.span().begin(), dx.span().end(),
                  results.back().span().begin());
        return results;
      };
      Parameters gradients = *Parameters::Create(graph);
      Parameters expected_gradients = *Parameters::Create(graph);
      const std::vector<Tensor> results = run(Backend::kXnnpack, gradients);
      const std::vector<Tensor> expected =
          run(Backend::kReference, expected_gradients);
      // The same kernels, or sums of a bias and four products of up to 8 / 2:
      // five roundings of less than 17.
      for (size_t i = 0; i < results.size(); ++i) {
        LENSLET_EXPECT_OK(
            AllClose(results[i], expected[i],
                     {.absolute = training ? 0 : 5 * 17 * 0x1p-24}));
      }
      EXPECT_TRUE(std::equal(gradients.array().begin(), gradients.array().end(),
                             expected_gradients.array().begin()));
    }
  }
}

TEST(ExecutorDeathTest, ChecksItsCaller) {
  const Graph graph = SmallLeNet();
  const Parameters parameters = RandomParameters(graph);
  Parameters gradients = *Parameters::Create(graph);
  auto executor = *Executor::Create(graph, parameters, {.images = 2});
  EXPECT_DEATH(executor->Forward(0), "broken invariant");
  EXPECT_DEATH(executor->Forward(3), "broken invariant");
  EXPECT_DEATH(executor->output_gradient(), "broken invariant");
  EXPECT_DEATH(executor->Backward(1, gradients.array()), "broken invariant");
  EXPECT_DEATH(executor->InputGradient(), "broken invariant");
}

}  // namespace
}  // namespace lenslet
