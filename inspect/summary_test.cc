#include "lenslet/inspect/summary.h"

#include <string>

#include "gtest/gtest.h"
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

}  // namespace
}  // namespace lenslet
