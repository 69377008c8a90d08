#include "lenslet/layers/fastest_backend.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Layer PaddedConv(int64_t channels, int64_t kernel, int64_t groups = 1) {
  const int64_t padding = kernel / 2;
  return layers::Conv2d(
      {.output_channels = channels,
       .window = {.kernel = {kernel, kernel}, .padding = {padding, padding}},
       .groups = groups});
}

Layer Upsample(int rank) {
  const ConvTransposeSpec options = {
      .output_channels = 3,
      .window = {.kernel = Axes::Filled(rank, 3),
                 .stride = Axes::Filled(rank, 2)}};
  if (rank == 3) return layers::ConvTranspose3d(options);
  return layers::ConvTranspose2d(options);
}

// Layers one after the other: "layer0", "layer1", ...
Graph Chain(const Shape& image, const std::vector<Layer>& layers) {
  GraphBuilder builder;
  std::string last = "input";
  builder.AddInput(last, image);
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string name = "layer" + std::to_string(i);
    builder.AddLayer(name, layers[i], {last});
    last = name;
  }
  return *builder.Build();
}

Backend Chosen(const Graph& graph, int64_t images) {
  return FastestForInference(graph, images).backend;
}

// The convolutions of LeNet, 1.5 times as fast on full groups of lanes: from
// 16 / 1.5 images on.
TEST(FastestBackendTest, NarrowConvolutionsRunOnLanesFromElevenImages) {
  const Graph graph = Chain({28, 28, 1}, {PaddedConv(6, 5), PaddedConv(16, 5),
                                          layers::GlobalAvgPool()});
  EXPECT_EQ(Chosen(graph, 1), Backend::kDirect);
  EXPECT_EQ(Chosen(graph, 8), Backend::kDirect);
  EXPECT_EQ(Chosen(graph, 12), Backend::kLanes);
  EXPECT_EQ(Chosen(graph, 16), Backend::kLanes);
  // A second group that is all but empty.
  EXPECT_EQ(Chosen(graph, 17), Backend::kDirect);
  EXPECT_EQ(Chosen(graph, 256), Backend::kLanes);
}

// By Winograd's algorithm, which gains more from whole vectors of channels.
TEST(FastestBackendTest, WideConvolutionsOf3x3RunDirectly) {
  for (const int64_t images : {1, 16, 256}) {
    EXPECT_EQ(
        Chosen(Chain({14, 14, 32}, {PaddedConv(64, 3), PaddedConv(64, 3)}),
               images),
        Backend::kDirect)
        << images;
  }
}

TEST(FastestBackendTest, DepthwiseNetworksAlwaysRunDirectly) {
  const Graph graph = Chain(
      {14, 14, 3},
      {PaddedConv(64, 3), PaddedConv(64, 3, /*groups=*/64), PaddedConv(128, 1),
       PaddedConv(128, 5, /*groups=*/128), PaddedConv(128, 1)});
  for (const int64_t images : {1, 11, 16, 64, 256}) {
    EXPECT_EQ(Chosen(graph, images), Backend::kDirect) << images;
  }
}

// Narrow convolutions are faster on lanes, and depthwise ones of 64 channels
// are not. There is less to convert before the channels grow.
TEST(FastestBackendTest, LayersThatPayForConversionsRunOnOtherBackends) {
  const Graph graph =
      Chain({28, 28, 1},
            {PaddedConv(8, 5), layers::Relu(), PaddedConv(8, 5), layers::Relu(),
             PaddedConv(64, 3), PaddedConv(64, 3, /*groups=*/64),
             PaddedConv(64, 3, /*groups=*/64)});
  const InferenceBackends backends = FastestForInference(graph, /*images=*/32);
  EXPECT_EQ(backends.backend, Backend::kDirect);
  constexpr Backend kLanes = Backend::kLanes, kDirect = Backend::kDirect;
  ASSERT_EQ(backends.layer_backends.size(), 7);
  EXPECT_EQ(backends.layer_backends[0], kLanes);
  EXPECT_EQ(backends.layer_backends[2], kLanes);
  EXPECT_EQ(backends.layer_backends[4], kDirect);
  EXPECT_EQ(backends.layer_backends[5], kDirect);
  EXPECT_EQ(backends.layer_backends[6], kDirect);
  EXPECT_THAT(FastestForInference(graph, /*images=*/1).layer_backends,
              IsEmpty());
}

// The narrow convolution alone takes half the time on lanes, and its values as
// long to convert.
TEST(FastestBackendTest, SingleLayersDoNotPayForConversions) {
  const Graph graph = Chain(
      {28, 28, 64}, {PaddedConv(64, 3, /*groups=*/64), PaddedConv(8, 1),
                     PaddedConv(64, 1), PaddedConv(64, 3, /*groups=*/64)});
  EXPECT_THAT(FastestForInference(graph, /*images=*/16).layer_backends,
              IsEmpty());
}

TEST(FastestBackendTest, WithoutMultiplyAddsLanesWinNothing) {
  const Graph graph = Chain({4, 4, 3}, {layers::Sigmoid()});
  EXPECT_EQ(Chosen(graph, 16), Backend::kDirect);
}

TEST(FastestBackendTest, WhatWasAskedForIsNotChosen) {
  const Graph graph = Chain({28, 28, 1}, {PaddedConv(6, 5)});
  for (const Backend backend : kBackends) {
    const InferenceBackends backends =
        BackendsForInference(backend, graph, /*images=*/1);
    EXPECT_EQ(backends.backend, backend);
    EXPECT_THAT(backends.substitutes, IsEmpty());
  }
  EXPECT_EQ(BackendsForInference({}, graph, /*images=*/16).backend,
            Backend::kLanes);
}

class SubstituteTest : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Dimensions, SubstituteTest, ::testing::Values(2, 3));

// Direct has no transposed convolution, and XNNPACK none in three dimensions.
TEST_P(SubstituteTest, RunsWhatTheBackendLacks) {
  const int rank = GetParam();
  const Graph graph =
      rank == 2
          ? Chain({4, 5, 6}, {layers::Sigmoid(), Upsample(2), PaddedConv(4, 3)})
          : Chain({2, 3, 4, 6}, {layers::Sigmoid(), Upsample(3)});
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/1);
  FillUniform(-1, 1, random, parameters.array());
  constexpr int64_t kImages = 2;
  const Shape block = *graph.inputs()[0].shape.WithOuter(kImages);
  Tensor x(block);
  FillUniform(-1, 1, random, x.span());
  const auto run = [&](const InferenceBackends& backends, std::string& names) {
    auto executor = *Executor::Create(graph, parameters,
                                      {.backend = backends.backend,
                                       .substitutes = backends.substitutes,
                                       .images = kImages});
    names = executor->BackendNames();
    std::copy(x.span().begin(), x.span().end(),
              executor->input().span().begin());
    executor->Forward(kImages);
    const View<const float> output = executor->output();
    Tensor y(output.shape());
    std::copy(output.span().begin(), output.span().end(), y.span().begin());
    return y;
  };
  std::string names, reference_names, direct_names;
  const Tensor actual = run(FastestForInference(graph, /*images=*/1), names);
  const Tensor expected =
      run({.backend = Backend::kReference}, reference_names);
  run({.backend = Backend::kDirect}, direct_names);
  EXPECT_EQ(names, rank == 2 ? "direct, xnnpack" : "direct, lanes");
  EXPECT_EQ(reference_names, "reference");
  EXPECT_EQ(direct_names, "direct, reference");
  // Sigmoids err by 2^-22; sums of at most 8 * 6 products of numbers below 1,
  // then of 9 * 3 of numbers below 49: 27 * 49 * (48 + 27 + 2) roundings.
  LENSLET_EXPECT_OK(
      AllClose(actual, expected, {.absolute = 27 * 49 * 77 * 0x1p-24}));
}

}  // namespace
}  // namespace lenslet
