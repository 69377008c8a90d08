#include "lenslet/tensor/rearrange.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(RearrangeTest, Reshapes) {
  const Tensor x = Iota({2, 3});
  const Tensor y = Reshaped(x, {3, 1, 2});
  EXPECT_EQ(y.shape(), Shape({3, 1, 2}));
  EXPECT_THAT(y.span(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(RearrangeTest, Transposes) {
  const Tensor y = Transposed(Iota({2, 3}));
  EXPECT_EQ(y.shape(), Shape({3, 2}));
  EXPECT_THAT(y.span(), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_EQ(Transposed(Tensor({0, 3})).shape(), Shape({3, 0}));
}

TEST(RearrangeTest, Flips) {
  EXPECT_THAT(Flipped(Iota({2, 3})).span(), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_EQ(Flipped(Iota({2, 3})).shape(), Shape({2, 3}));
}

TEST(RearrangeDeathTest, NamesShapes) {
  EXPECT_DEATH(Reshaped(Tensor({2, 3}), {5}),
               "shape \\[2, 3\\] has 6 elements; shape \\[5\\] needs 5");
  EXPECT_DEATH(Transposed(Tensor({2, 3, 4})),
               "Transposed of a tensor of shape \\[2, 3, 4\\]; expected a "
               "matrix");
}

}  // namespace
}  // namespace lenslet
