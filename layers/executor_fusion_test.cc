// Poolings and rectifiers that the kernel before them computes, against those
// with separate kernels.

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/layers.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// More than a group of lanes, and not a whole number of them.
constexpr int64_t kImages = 18;

struct FusionCase {
  std::string name;
  Layer pool;
  bool fuses;

  friend void PrintTo(const FusionCase& c, std::ostream* os) { *os << c.name; }
};

// Of 10 x 10 pixels.
std::vector<FusionCase> Cases() {
  const Rounding up = Rounding::kCeil;
  return {
      {"Max", layers::MaxPool2d({.window = {.kernel = {2, 2}}}), true},
      {"Average", layers::AvgPool2d({.window = {.kernel = {2, 5}}}), true},
      {"Min", layers::MinPool2d({.window = {.kernel = {5, 2}}}), true},
      {"RoundedUpWithoutRest",
       layers::AvgPool2d({.window = {.kernel = {5, 2}}, .rounding = up}), true},
      {"RoundedUp",
       layers::MaxPool2d({.window = {.kernel = {2, 3}}, .rounding = up}),
       false},
      {"LeavesARest", layers::MinPool2d({.window = {.kernel = {3, 2}}}), false},
      {"Padded",
       layers::AvgPool2d({.window = {.kernel = {2, 2}, .padding = {1, 1}}}),
       false},
      {"Softmax", layers::SoftmaxPool2d({.window = {.kernel = {2, 2}}}), false},
      {"Adaptive", layers::AdaptiveMaxPool(Axes{3}), false},
      {"AdaptiveToPieces", layers::AdaptiveAvgPool(Axes{5, 2}), false},
      {"Global", layers::GlobalAvgPool(), false},
  };
}

Graph MakeGraph(const Layer& pool, bool activation) {
  GraphBuilder builder;
  builder.AddInput("image", {12, 12, 2});
  builder.AddLayer(
      "conv",
      layers::Conv2d({.output_channels = 3, .window = {.kernel = {3, 3}}}),
      {"image"});
  if (activation) {
    builder.AddLayer("tanh", layers::Tanh(), {"conv"});
  }
  builder.AddLayer("pool", pool, {activation ? "tanh" : "conv"});
  return *builder.Build();
}

// What a network makes of the same numbers, with or without its layers' outputs
// kept, which forbids fusion.
struct NetworkRun {
  NetworkRun(const Graph& graph, bool keep_outputs, bool input_gradients = true)
      : parameters(*Parameters::Create(graph)),
        gradients(*Parameters::Create(graph)) {
    Random random(/*seed=*/5);
    FillUniform(-0.5, 0.5, random, parameters.array());
    executor = *Executor::Create(graph, parameters,
                                 {.backend = Backend::kLanes,
                                  .images = kImages,
                                  .training = true,
                                  .keep_outputs = keep_outputs,
                                  .input_gradients = input_gradients});
    FillUniform(-1, 1, random, executor->input().span());
    executor->Forward(kImages);
    FillUniform(-1, 1, random, executor->output_gradient().span());
    executor->Backward(kImages, gradients.array());
  }

  Parameters parameters;
  Parameters gradients;
  std::unique_ptr<Executor> executor;
};

class ExecutorPoolTest : public ::testing::TestWithParam<FusionCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ExecutorPoolTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ExecutorPoolTest, FusedOrNotIsTheSame) {
  for (const bool activation : {false, true}) {
    SCOPED_TRACE(activation ? "with activation" : "without activation");
    const Graph graph = MakeGraph(GetParam().pool, activation);
    const int pool_node = activation ? 2 : 1;
    NetworkRun fused(graph, /*keep_outputs=*/false);
    NetworkRun separate(graph, /*keep_outputs=*/true);
    EXPECT_EQ(fused.executor->IsFused(pool_node), GetParam().fuses);
    EXPECT_EQ(fused.executor->BackendOfLayer(pool_node), Backend::kLanes);
    EXPECT_FALSE(separate.executor->IsFused(pool_node));
    LENSLET_EXPECT_OK(AllClose(fused.executor->output(),
                               View<const float>(separate.executor->output()),
                               {}));
    LENSLET_EXPECT_OK(
        AllClose(fused.executor->InputGradient(),
                 View<const float>(separate.executor->InputGradient()), {}));
    // Sums over 100 positions of 18 images, of products of at most 1, whose
    // order may differ.
    const double tolerance = 1800 * 0x1p-24;
    for (int i = 0; i < fused.gradients.size(); ++i) {
      LENSLET_EXPECT_OK(
          AllClose(View<const float>(fused.gradients.view(i)),
                   View<const float>(separate.gradients.view(i)),
                   {.absolute = tolerance, .relative = tolerance}));
    }
  }
}

// Batch normalization, and sums of two and of three branches.
Graph NormalizedBranches() {
  const Layer conv = layers::Conv2d(
      {.output_channels = 3, .window = {.kernel = {3, 3}, .padding = {1, 1}}});
  GraphBuilder builder;
  builder.AddInput("image", {5, 7, 3});
  builder.AddLayer("norm1", layers::BatchNorm(), {"image"});
  builder.AddLayer("relu1", layers::Relu(), {"norm1"});
  builder.AddLayer("conv2", conv, {"relu1"});
  builder.AddLayer("norm2", layers::BatchNorm(), {"conv2"});
  builder.AddLayer("sum2", layers::Add(), {"norm2", "relu1"});
  builder.AddLayer("relu2", layers::Relu(), {"sum2"});
  builder.AddLayer("conv3", conv, {"relu2"});
  builder.AddLayer("sum3", layers::Add(), {"conv3", "relu2", "relu1"});
  builder.AddLayer("relu3", layers::Relu(), {"sum3"});
  builder.AddLayer("norm4", layers::BatchNorm(), {"relu3"});
  builder.AddLayer("tanh4", layers::Tanh(), {"norm4"});
  return *builder.Build();
}

// Runs the graph on every instruction set, with and without fusion, and expects
// that these layers are fused and that all results are the same.
void ExpectFusedIsTheSame(const Graph& graph, bool input_gradients,
                          const std::vector<std::string>& fused_layers) {
  ForEachInstructionSet([&](const std::string& name) {
    SCOPED_TRACE(name);
    const NetworkRun fused(graph, /*keep_outputs=*/false, input_gradients);
    const NetworkRun separate(graph, /*keep_outputs=*/true, input_gradients);
    std::vector<std::string> names;
    for (int node = 0; node < fused.executor->layer_count(); ++node) {
      EXPECT_EQ(fused.executor->BackendOfLayer(node), Backend::kLanes);
      EXPECT_FALSE(separate.executor->IsFused(node));
      if (fused.executor->IsFused(node)) {
        names.push_back(graph.nodes()[node].name);
      }
    }
    EXPECT_THAT(names, ElementsAreArray(fused_layers));
    LENSLET_EXPECT_OK(AllClose(fused.executor->output(),
                               View<const float>(separate.executor->output()),
                               {}));
    if (input_gradients) {
      LENSLET_EXPECT_OK(
          AllClose(fused.executor->InputGradient(),
                   View<const float>(separate.executor->InputGradient()), {}));
    }
    EXPECT_EQ(fused.gradients.array(), separate.gradients.array());
  });
}

TEST(FusedRectifierTest, FusedOrNotIsTheSame) {
  ExpectFusedIsTheSame(NormalizedBranches(), /*input_gradients=*/true,
                       {"relu1", "sum2", "relu2", "relu3"});
}

// Sums of a normalization and of: a value with a gradient, where the
// normalization's input has none; the image; a sum; a value computed later; an
// array of another shape. Then a normalization that is added second.
Graph SumsOfNormalizations() {
  const Layer conv = layers::Conv2d(
      {.output_channels = 3, .window = {.kernel = {3, 3}, .padding = {1, 1}}});
  GraphBuilder builder;
  builder.AddInput("image", {4, 5, 3});
  builder.AddLayer("conv0", conv, {"image"});
  builder.AddLayer("norm1", layers::BatchNorm(), {"image"});
  builder.AddLayer("sum1", layers::Add(), {"norm1", "conv0"});
  builder.AddLayer("conv2", conv, {"sum1"});
  builder.AddLayer("norm2", layers::BatchNorm(), {"conv2"});
  builder.AddLayer("sum2", layers::Add(), {"norm2", "image"});
  builder.AddLayer("tanh2", layers::Tanh(), {"sum2"});
  builder.AddLayer("norm3", layers::BatchNorm(), {"tanh2"});
  builder.AddLayer("sum3", layers::Add(), {"norm3", "sum1"});
  builder.AddLayer("relu3", layers::Relu(), {"sum3"});
  builder.AddLayer("norm4", layers::BatchNorm(), {"relu3"});
  builder.AddLayer("tanh4", layers::Tanh(), {"relu3"});
  builder.AddLayer("sum4", layers::Add(), {"norm4", "tanh4"});
  builder.AddLayer("row", layers::AdaptiveAvgPool(Axes{1, 5}), {"sum4"});
  builder.AddLayer("norm5", layers::BatchNorm(), {"sum4"});
  builder.AddLayer("sum5", layers::Add(), {"norm5", "row"});
  builder.AddLayer("norm6", layers::BatchNorm(), {"sum5"});
  builder.AddLayer("sum6", layers::Add(), {"sum5", "norm6"});
  return *builder.Build();
}

TEST(FusedSumTest, FusedOrNotIsTheSame) {
  for (const bool input_gradients : {false, true}) {
    SCOPED_TRACE(input_gradients);
    ExpectFusedIsTheSame(SumsOfNormalizations(), input_gradients,
                         {"sum1", "sum2", "sum3", "relu3"});
  }
}

TEST(FusedRectifierTest, OnDirectFusedOrNotIsTheSame) {
  const Graph graph = NormalizedBranches();
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/5);
  FillUniform(0.25, 0.75, random, parameters.array());
  ForEachInstructionSet([&](const std::string& name) {
    SCOPED_TRACE(name);
    const auto make = [&](Backend backend, bool keep_outputs) {
      auto executor = *Executor::Create(
          graph, parameters,
          {.backend = backend, .images = 2, .keep_outputs = keep_outputs});
      Random pixels(/*seed=*/6);
      FillUniform(-1, 1, pixels, executor->input().span());
      executor->Forward(2);
      return executor;
    };
    const auto fused = make(Backend::kDirect, /*keep_outputs=*/false);
    const auto separate = make(Backend::kDirect, /*keep_outputs=*/true);
    std::vector<std::string> names;
    for (int node = 0; node < fused->layer_count(); ++node) {
      if (fused->IsFused(node)) names.push_back(graph.nodes()[node].name);
    }
    EXPECT_THAT(names, ElementsAre("relu1", "relu2", "relu3"));
    LENSLET_EXPECT_OK(
        AllClose(fused->output(), View<const float>(separate->output()), {}));
    // In (-1, 1). Each of five layers multiplies errors by less than 27, the
    // products of a sum, and the first has three roundings of numbers up to 2.
    const auto other = make(Backend::kReference, /*keep_outputs=*/true);
    LENSLET_EXPECT_OK(AllClose(fused->output(),
                               View<const float>(other->output()),
                               {.absolute = 27 * 27 * 6 * 0x1p-24}));
  });
}

TEST(FusedRectifierTest, OthersSayWhatTheyDoNotFuse) {
  const std::vector<Shape> image = {{4, 3}, {4, 3}};
  const auto make = [&](const Layer& layer, Backend backend,
                        const Epilogue& epilogue) {
    const int inputs = layer.type() == "Add" ? 2 : 1;
    return layer
        .MakeKernel(backend, absl::MakeConstSpan(image).first(inputs),
                    /*images=*/1, epilogue)
        .status();
  };
  for (const Layer& layer : {layers::BatchNorm(), layers::Add()}) {
    LENSLET_EXPECT_OK(make(layer, Backend::kLanes, EpilogueOf(layers::Relu())));
    EXPECT_THAT(make(layer, Backend::kLanes, EpilogueOf(layers::Tanh())),
                StatusIs(absl::StatusCode::kUnimplemented,
                         HasSubstr("do not compute that as well")));
    LENSLET_EXPECT_OK(
        make(layer, Backend::kDirect, EpilogueOf(layers::Relu())));
    EXPECT_THAT(make(layer, Backend::kXnnpack, EpilogueOf(layers::Relu())),
                StatusIs(absl::StatusCode::kUnimplemented,
                         HasSubstr("do not compute that as well")));
    EXPECT_THAT(
        make(layer, Backend::kLanes,
             EpilogueOf(layers::MaxPool2d({.window = {.kernel = {2, 2}}}))),
        StatusIs(absl::StatusCode::kUnimplemented,
                 HasSubstr("do not compute that as well")));
  }
  const Epilogue add = {.add = true};
  LENSLET_EXPECT_OK(make(layers::BatchNorm(), Backend::kLanes, add));
  EXPECT_THAT(make(layers::BatchNorm(), Backend::kDirect, add),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("as well")));
  for (const Layer& layer :
       {layers::Add(), layers::Linear({.output_features = 2}),
        layers::Conv1d({.output_channels = 2, .window = {.kernel = {1}}})}) {
    EXPECT_THAT(
        make(layer, Backend::kLanes, add),
        StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("as well")))
        << layer.type();
  }
}

// The direct backend pools what Winograd's algorithm has in registers.
TEST(FusedPoolTest, OnDirectFusedOrNotIsTheSame) {
  GraphBuilder builder;
  builder.AddInput("image", {15, 14, 16});
  builder.AddLayer(
      "conv1",
      layers::Conv2d({.output_channels = 20,
                      .window = {.kernel = {3, 3}, .padding = {1, 1}}}),
      {"image"});
  builder.AddLayer("relu1", layers::Relu(), {"conv1"});
  builder.AddLayer("pool1", layers::MaxPool2d({.window = {.kernel = {2, 2}}}),
                   {"relu1"});
  builder.AddLayer(
      "conv2",
      layers::Conv2d({.output_channels = 24,
                      .window = {.kernel = {3, 3}, .padding = {1, 1}}}),
      {"pool1"});
  builder.AddLayer("pool2", layers::AvgPool2d({.window = {.kernel = {2, 2}}}),
                   {"conv2"});
  const Graph graph = *builder.Build();
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/6);
  FillUniform(-0.5, 0.5, random, parameters.array());
  const auto make = [&](bool keep_outputs) {
    auto executor = *Executor::Create(graph, parameters,
                                      {.backend = Backend::kDirect,
                                       .images = 2,
                                       .keep_outputs = keep_outputs});
    Random pixels(/*seed=*/7);
    FillUniform(-1, 1, pixels, executor->input().span());
    executor->Forward(2);
    return executor;
  };
  const auto fused = make(/*keep_outputs=*/false);
  const auto separate = make(/*keep_outputs=*/true);
  for (const int node : {1, 2, 4}) {
    EXPECT_TRUE(fused->IsFused(node)) << node;
    EXPECT_FALSE(separate->IsFused(node)) << node;
  }
  LENSLET_EXPECT_OK(
      AllClose(fused->output(), View<const float>(separate->output()), {}));
}

TEST(FusedPoolTest, AConvolutionSaysWhatItDoesNotFuse) {
  const Layer conv =
      layers::Conv2d({.output_channels = 3, .window = {.kernel = {3, 3}}});
  const auto make = [&](const PoolSpec& pool) {
    return conv
        .MakeKernel(Backend::kLanes, {Shape{12, 12, 2}}, kImages,
                    {.pool = pool})
        .status();
  };
  EXPECT_THAT(make({.kind = PoolKind::kSoftmax, .window = {.kernel = {2, 2}}}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "a convolution's kernel cannot compute softmax pooling; "
                       "expected maximum, average or minimum pooling"));
  const auto no_pieces = StatusIs(absl::StatusCode::kUnimplemented,
                                  HasSubstr("cut the result into pieces"));
  EXPECT_THAT(make({.output = {3, 5}}), no_pieces);
  EXPECT_THAT(make({.window = {.kernel = {2, 3}}, .rounding = Rounding::kCeil}),
              no_pieces);
  // The windows are all alike.
  LENSLET_EXPECT_OK(make({.output = {2, 5}}));
}

}  // namespace
}  // namespace lenslet
