#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(FlattenTest, InfersAVector) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Flatten().Infer({Shape{5, 5, 16}}));
  EXPECT_EQ(info.output, Shape({400}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.cost.multiply_adds, 0);
  EXPECT_EQ(info.cost.bytes(), 0);
}

TEST(FlattenTest, TakesVectorsAndScalars) {
  EXPECT_EQ(Flatten().Infer({Shape{7}})->output, Shape({7}));
  EXPECT_EQ(Flatten().Infer({Shape()})->output, Shape({1}));
}

TEST(FlattenTest, IsAReshapeWithoutAKernel) {
  EXPECT_TRUE(Flatten().IsReshape(/*training=*/true));
  EXPECT_EQ(Flatten().type(), "Flatten");
  for (Backend backend : kBackends) {
    EXPECT_THAT(Flatten().MakeKernel(backend, {Shape{7}}, 1),
                StatusIs(absl::StatusCode::kUnimplemented,
                         "Flatten has no kernel, as it computes nothing"));
  }
}

TEST(FlattenTest, TakesOneInput) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Flatten().Infer({}), StatusIs(code, "has 0 inputs; expected 1"));
  EXPECT_THAT(Flatten().Infer({Shape{1}, Shape{1}}),
              StatusIs(code, "has 2 inputs; expected 1"));
}

}  // namespace
}  // namespace lenslet::layers
