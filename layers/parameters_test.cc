#include "lenslet/layers/parameters.h"

#include <cstdint>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

// weight [3, 5] takes 15 floats of 16, bias [3] takes 3 of 16.
Graph SmallGraph() {
  GraphBuilder builder;
  builder.AddInput("x", {5});
  builder.AddLayer("fc", layers::Linear({.output_features = 3}), {"x"});
  return *builder.Build();
}

TEST(ParametersTest, AreOneArrayOfZeros) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Parameters parameters,
                               Parameters::Create(SmallGraph()));
  EXPECT_EQ(parameters.size(), 2);
  EXPECT_EQ(parameters.array().size(), 32);
  EXPECT_THAT(parameters.array(), Each(0.0f));
  EXPECT_EQ(parameters.info(1).name, "fc.bias");
  EXPECT_EQ(parameters.view(0).shape(), Shape({3, 5}));
  EXPECT_EQ(parameters.view(1).data(), parameters.array().data() + 16);
}

TEST(ParametersTest, ViewsLeaveTheGapsAlone) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters parameters,
                               Parameters::Create(SmallGraph()));
  for (int i = 0; i < parameters.size(); ++i) {
    for (float& value : parameters.view(i).span()) value = 1;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(parameters.view(i).data()) %
                  Tensor::kAlignment,
              0);
  }
  for (int i = 0; i < 32; ++i) {
    EXPECT_EQ(parameters.array()[i], i < 15 || (i >= 16 && i < 19) ? 1 : 0)
        << i;
  }
}

TEST(ParametersTest, MoveWithTheirMemory) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters parameters,
                               Parameters::Create(SmallGraph()));
  const float* data = parameters.view(1).data();
  const Parameters moved = std::move(parameters);
  EXPECT_EQ(moved.view(1).data(), data);
  EXPECT_EQ(moved.view(1).shape(), Shape({3}));
}

TEST(ParametersTest, ThereMayBeNone) {
  GraphBuilder builder;
  builder.AddInput("x", {5});
  builder.AddLayer("tanh", layers::Tanh(), {"x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters parameters,
                               Parameters::Create(graph));
  EXPECT_EQ(parameters.size(), 0);
  EXPECT_TRUE(parameters.array().empty());
}

TEST(ParametersTest, RefuseMoreMemoryThanThereIs) {
  GraphBuilder builder;
  builder.AddInput("x", {int64_t{1} << 24});
  builder.AddLayer("fc", layers::Linear({.output_features = int64_t{1} << 24}),
                   {"x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  EXPECT_THAT(Parameters::Create(graph),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("not enough memory for a float32 tensor of "
                                 "shape [281474993487872]")));
}

}  // namespace
}  // namespace lenslet
