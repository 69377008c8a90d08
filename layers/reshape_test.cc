#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

using Sizes = std::vector<int64_t>;

TEST(ReshapeTest, InfersItsShape) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Reshape(Sizes{5, -1, 2}).Infer({Shape{30}}));
  EXPECT_EQ(info.output, Shape({5, 3, 2}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.reach, Reach::kAll);
  EXPECT_EQ(info.cost.multiply_adds, 0);
  EXPECT_EQ(info.cost.bytes(), 0);
}

TEST(ReshapeTest, IsAReshapeWithoutAKernel) {
  const Layer reshape = Reshape(Sizes{7});
  EXPECT_TRUE(reshape.IsReshape(/*training=*/true));
  EXPECT_TRUE(reshape.IsReshape(/*training=*/false));
  EXPECT_EQ(reshape.type(), "Reshape");
  for (Backend backend : kBackends) {
    EXPECT_THAT(reshape.MakeKernel(backend, {Shape{7}}, 1),
                StatusIs(absl::StatusCode::kUnimplemented,
                         "Reshape has no kernel, as it computes nothing"));
  }
}

TEST(ReshapeTest, SaysWhatIsWrongWithItsInput) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Reshape(Sizes{1}).Infer({}),
              StatusIs(code, "has 0 inputs; expected 1"));
  EXPECT_THAT(Reshape(Sizes{1}).Infer({Shape{1}, Shape{1}}),
              StatusIs(code, "has 2 inputs; expected 1"));
  EXPECT_THAT(Reshape(Sizes{4}).Infer({Shape{3}}),
              StatusIs(code,
                       "shape [4] does not fit an input of shape [3], "
                       "which has 3 elements"));
}

}  // namespace
}  // namespace lenslet::layers
