#include "lenslet/ops/flatten/flatten.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(FlattenTest, KeepsTheOrderOfElements) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Flatten(Tensor::Of({2, 1, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({2, 4}, {0, 1, 2, 3, 4, 5, 6, 7})));
}

TEST(FlattenTest, AScalarImageBecomesAVectorOfOne) {
  EXPECT_EQ(FlattenedShape({}), Shape({1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Flatten(Tensor::Of({2}, {1, 2})));
  EXPECT_EQ(y.shape(), Shape({2, 1}));
}

TEST(FlattenTest, RejectsWhatHoldsNoImages) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Flatten(Tensor(Shape())),
              StatusIs(code, HasSubstr("x is float32 []")));
  EXPECT_THAT(Flatten(Tensor({0, 2})),
              StatusIs(code, HasSubstr("x of shape [0, 2] holds no images")));
  EXPECT_THAT(Flatten(Tensor({1, 2}, ElementType::kUint8)),
              StatusIs(code, HasSubstr("x is uint8 [1, 2]")));
}

}  // namespace
}  // namespace lenslet
