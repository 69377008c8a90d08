#include "lenslet/ops/reshape/reshape.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

//   0 1 2      0 1
//   3 4 5  ->  2 3
//              4 5
TEST(ReshapeTest, KeepsTheOrderOfElements) {
  const Tensor x =
      Tensor::Of({2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Reshape(x, {3, 2}));
  LENSLET_EXPECT_OK(AllClose(
      y, Tensor::Of({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})));
}

TEST(ReshapeTest, OneSizeIsWhatTheOthersLeave) {
  EXPECT_EQ(*ReshapedShape({-1}, {2, 3, 4}), Shape({24}));
  EXPECT_EQ(*ReshapedShape({6, -1}, {2, 3, 4}), Shape({6, 4}));
  EXPECT_EQ(*ReshapedShape({-1, 2, 2}, {2, 3, 4}), Shape({6, 2, 2}));
  EXPECT_EQ(*ReshapedShape({24, -1}, {2, 3, 4}), Shape({24, 1}));
  EXPECT_EQ(*ReshapedShape({1, 1, 2, 3, 4}, {24}), Shape({1, 1, 2, 3, 4}));
  EXPECT_EQ(*ReshapedShape({-1}, Shape()), Shape({1}));
  EXPECT_EQ(*ReshapedShape({1, 1}, Shape()), Shape({1, 1}));
}

TEST(ReshapeTest, SaysWhatIsWrongWithTheShape) {
  const auto error = [](const std::vector<int64_t>& shape,
                        const std::string& message) {
    EXPECT_THAT(ReshapedShape(shape, {2, 3}), StatusIs(kInvalid, message));
    EXPECT_THAT(Reshape(Tensor({1, 2, 3}), shape), StatusIs(kInvalid, message));
  };
  error({}, "shape has 0 sizes; expected 1 to 5");
  error({1, 1, 1, 1, 1, 6}, "shape has 6 sizes; expected 1 to 5");
  error({-1, 3, -1},
        "shape [-1, 3, -1] has -1 twice; expected it at most once");
  error({0, 6}, "shape [0, 6] has 0; expected sizes of at least 1, or -1");
  error({-2, 3}, "shape [-2, 3] has -2; expected sizes of at least 1, or -1");
  error({7},
        "shape [7] does not fit an input of shape [2, 3], which has 6 "
        "elements");
  error({4, -1},
        "shape [4, -1] does not fit an input of shape [2, 3], which "
        "has 6 elements");
  error({12, -1},
        "shape [12, -1] does not fit an input of shape [2, 3], which "
        "has 6 elements");
  error({int64_t{1} << 62, 2},
        "shape [4611686018427387904, 2] has more elements than 64 bits can "
        "count");
  EXPECT_THAT(ReshapedShape({3, -1}, {0, 3}),
              StatusIs(kInvalid, HasSubstr("which has 0 elements")));
}

TEST(ReshapeTest, RejectsWhatHoldsNoImages) {
  EXPECT_THAT(Reshape(Tensor(Shape()), {1}),
              StatusIs(kInvalid, HasSubstr("x is float32 []")));
  EXPECT_THAT(
      Reshape(Tensor({0, 2}), {2}),
      StatusIs(kInvalid, HasSubstr("x of shape [0, 2] holds no images")));
  EXPECT_THAT(Reshape(Tensor({1, 2}, ElementType::kUint8), {2}),
              StatusIs(kInvalid, HasSubstr("x is uint8 [1, 2]")));
}

}  // namespace

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
