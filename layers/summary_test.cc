#include "layers/summary.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "layers/conv.h"
#include "layers/flatten.h"
#include "layers/linear.h"

namespace lenslet {
namespace {

TEST(SummaryTest, IsATable) {
  GraphBuilder builder;
  builder.AddInput("image", {10, 10, 3});
  builder.AddLayer("conv",
                   std::make_shared<layers::Conv2d>(layers::ConvOptions{
                       .output_channels = 16, .kernel = {3, 3}}),
                   {"image"});
  builder.AddLayer("flatten", std::make_shared<layers::Flatten>(), {"conv"});
  builder.AddLayer("linear",
                   std::make_shared<layers::Linear>(
                       layers::LinearOptions{.output_features = 10}),
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

}  // namespace
}  // namespace lenslet
