#include "lenslet/layers/receptive_fields.h"

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/ops/receptive_field.h"

namespace lenslet {
namespace {

using layers::Conv2d;

TEST(ReceptiveFieldsTest, OfAChain) {
  GraphBuilder builder;
  builder.AddInput("image", {9, 12, 1});
  builder.AddLayer("conv",
                   Conv2d({.output_channels = 2, .window = {.kernel = {3, 5}}}),
                   {"image"});
  builder.AddLayer("relu", layers::Relu(), {"conv"});
  builder.AddLayer("pool", layers::MaxPool2d({.window = {.kernel = {2, 2}}}),
                   {"relu"});
  builder.AddLayer("each", layers::Linear({.output_features = 3}), {"pool"});
  builder.AddLayer("flatten", layers::Flatten(), {"each"});
  builder.AddLayer("all", layers::Linear({.output_features = 3}), {"flatten"});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, builder.Build());
  const auto fields = ReceptiveFields(graph);
  ASSERT_EQ(fields.size(), 7);
  const ReceptiveField conv = {.size = {3, 5}, .jump = {1, 1}, .start = {0, 0}};
  const ReceptiveField pool = {.size = {4, 6}, .jump = {2, 2}, .start = {0, 0}};
  EXPECT_EQ(fields[0], InputField(2));
  EXPECT_EQ(fields[1], conv);
  EXPECT_EQ(fields[2], conv);
  EXPECT_EQ(fields[3], pool);
  // A linear layer over an image takes each position for itself.
  EXPECT_EQ(fields[4], pool);
  EXPECT_EQ(fields[5], std::nullopt);
  EXPECT_EQ(fields[6], std::nullopt);
}

TEST(ReceptiveFieldsTest, NoneForOtherInputs) {
  for (const Shape& shape : {Shape(), Shape({2, 3, 4, 5, 6})}) {
    GraphBuilder builder;
    builder.AddInput("x", shape);
    builder.AddLayer("relu", layers::Relu(), {"x"});
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, builder.Build());
    EXPECT_EQ(ReceptiveFields(graph)[1], std::nullopt) << shape;
  }
}

// A residual block sees what its convolution sees.
TEST(ReceptiveFieldsTest, OfBranches) {
  GraphBuilder builder;
  builder.AddInput("image", {8, 8, 1});
  builder.AddLayer("conv",
                   Conv2d({.output_channels = 1,
                           .window = {.kernel = {3, 3}, .padding = {1, 1}}}),
                   {"image"});
  builder.AddLayer("add", layers::Add(), {"conv", "image"});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, builder.Build());
  EXPECT_EQ(
      ReceptiveFields(graph)[2],
      (ReceptiveField{.size = {3, 3}, .jump = {1, 1}, .start = {-1, -1}}));
}

}  // namespace
}  // namespace lenslet
