#include "lenslet/tensor/shape.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ShapeTest, KnowsItsDimensions) {
  const Shape shape = {2, 3, 4};
  EXPECT_EQ(shape.rank(), 3);
  EXPECT_EQ(shape.dim(1), 3);
  EXPECT_EQ(shape.elements(), 24);
  EXPECT_EQ(shape.inner_elements(), 12);
  EXPECT_THAT(shape.dims(), ElementsAre(2, 3, 4));
  EXPECT_EQ(shape.ToString(), "[2, 3, 4]");
}

TEST(ShapeTest, AScalarHasOneElement) {
  EXPECT_EQ(Shape().rank(), 0);
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(Shape().ToString(), "[]");
}

TEST(ShapeTest, Compares) {
  EXPECT_EQ(Shape({2, 3}), Shape({2, 3}));
  EXPECT_NE(Shape({2, 3}), Shape({3, 2}));
  EXPECT_NE(Shape({2, 3}), Shape({2, 3, 1}));
}

TEST(ShapeTest, ADimensionMayBeZero) {
  EXPECT_EQ(Shape({2, 0, 3}).elements(), 0);
  EXPECT_EQ(Shape({0, 3, 4}).inner_elements(), 12);
}

TEST(ShapeTest, PutsADimensionBefore) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Shape block, Shape({28, 28, 1}).WithOuter(16));
  EXPECT_EQ(block, Shape({16, 28, 28, 1}));
  EXPECT_THAT(Shape({1, 1, 1, 1, 1, 1}).WithOuter(2),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("7 dimensions; expected at most 6")));
}

TEST(ShapeTest, RejectsTooManyDimensions) {
  EXPECT_THAT(Shape::Create(std::vector<int64_t>(7, 1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("7 dimensions; expected at most 6")));
}

TEST(ShapeTest, RejectsANegativeDimension) {
  EXPECT_THAT(Shape::Create({2, -3}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("[2, -3] has the negative size -3 along "
                                 "axis 1")));
}

TEST(ShapeTest, RejectsMoreElementsThanCanBeCounted) {
  const int64_t big = int64_t{1} << 32;
  EXPECT_THAT(Shape::Create({big, big}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("more elements than 64 bits can count")));
  EXPECT_THAT(
      Shape::Create({big, big, 0}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more elements")));
  EXPECT_EQ(Shape({std::numeric_limits<int64_t>::max()}).elements(),
            std::numeric_limits<int64_t>::max());
}

TEST(ShapeDeathTest, AbortsForAWrongShapeWrittenInCode) {
  EXPECT_DEATH(Shape({-1}), "shape \\[-1\\] has the negative size -1");
}

}  // namespace
}  // namespace lenslet
