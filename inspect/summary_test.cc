#include "lenslet/inspect/summary.h"

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/layers/custom_layer.h"
#include "lenslet/layers/layers.h"

namespace lenslet {
namespace {

TEST(SummaryTest, IsATable) {
  GraphBuilder builder;
  builder.AddInput("image", {10, 10, 3});
  builder.AddLayer(
      "conv",
      layers::Conv2d({.output_channels = 16, .window = {.kernel = {3, 3}}}),
      {"image"});
  builder.AddLayer("flatten", layers::Flatten(), {"conv"});
  builder.AddLayer("linear", layers::Linear({.output_features = 10}),
                   {"flatten"});
  const std::string summary = Summarize(*builder.Build(), [](int node) {
    return node == 0 ? Backend::kReference : Backend::kXnnpack;
  });
  EXPECT_EQ(
      summary,
      "layer    type     output       parameters  multiply-adds  kernel\n"
      "image    input    10 x 10 x 3\n"
      "conv     Conv2d   8 x 8 x 16          448         27,648  reference\n"
      "flatten  Flatten  1024                  0              0  (none "
      "needed)\n"
      "linear   Linear   10               10,250         10,240  xnnpack\n"
      "total                              10,698         37,888\n");
}

TEST(SummaryTest, TellsFixedParametersAndStatisticsApart) {
  GraphBuilder builder;
  builder.AddInput("x", {100});
  builder.AddLayer("fixed",
                   layers::Linear({.output_features = 8}, /*trainable=*/false),
                   {"x"});
  builder.AddLayer("norm", layers::BatchNorm(), {"fixed"});
  builder.AddLayer("out", layers::Linear({.output_features = 2}), {"norm"});
  const Graph graph = *builder.Build();
  EXPECT_EQ(graph.parameter_count(), 808 + 32 + 18);
  EXPECT_EQ(graph.trainable_parameter_count(), 16 + 18);
  EXPECT_EQ(
      Summarize(graph, [](int) { return Backend::kLanes; }),
      "layer  type       output  parameters  fixed  statistics  multiply-adds  "
      "kernel\n"
      "x      input      100\n"
      "fixed  Linear     8                0    808           0            800  "
      "lanes\n"
      "norm   BatchNorm  8               16      0          16              8  "
      "lanes\n"
      "out    Linear     2               18      0           0             16  "
      "lanes\n"
      "total                             34    808          16            "
      "824\n");
}

// y = x / 2.
class HalvesOperator : public CustomInferenceOperator {
 public:
  std::string Kind() const override { return "Halves"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override {
    return LayerInfo{.output = inputs[0],
                     .cost = {.multiply_adds = inputs[0].elements()},
                     .reach = Reach::kPosition};
  }
  void Forward(const ForwardBlock& block) const override {
    for (int64_t i = 0; i < block.output.size(); ++i) {
      block.output[i] = block.inputs[0][i] / 2;
    }
  }
};

TEST(SummaryTest, SaysWhichLayersAreCustom) {
  GraphBuilder builder;
  builder.AddInput("x", {6, 6, 2});
  builder.AddLayer("halves", layers::Custom(std::make_shared<HalvesOperator>()),
                   {"x"});
  builder.AddLayer("relu", layers::Relu(), {"halves"});
  EXPECT_EQ(
      Summarize(*builder.Build(), [](int) { return Backend::kLanes; },
                {.details = true}),
      "layer   type    output     parameters  multiply-adds  bytes   sees  "
      "every  kernel\n"
      "x       input   6 x 6 x 2                               288\n"
      "halves  Halves  6 x 6 x 2           0             72    288  1 x 1  "
      "1 x 1  custom\n"
      "relu    Relu    6 x 6 x 2           0              0    288  1 x 1  "
      "1 x 1  lanes\n"
      "total                               0             72\n");
}

}  // namespace
}  // namespace lenslet
