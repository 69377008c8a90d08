#include "lenslet/tensor/arithmetic.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(ArithmeticTest, CombinesTensorsElementByElement) {
  const Tensor a = Tensor::Of({2, 2}, {1, 2, 3, 4});
  const Tensor b = Tensor::Of({2, 2}, {5, 4, 2, 8});
  EXPECT_THAT((a + b).span(), ElementsAre(6, 6, 5, 12));
  EXPECT_THAT((a - b).span(), ElementsAre(-4, -2, 1, -4));
  EXPECT_THAT((a * b).span(), ElementsAre(5, 8, 6, 32));
  EXPECT_THAT((a / b).span(), ElementsAre(0.2f, 0.5, 1.5, 0.5));
  EXPECT_EQ((a + b).shape(), Shape({2, 2}));
  EXPECT_EQ((Filled({}, 2) * Filled({}, 3))(), 6);
}

TEST(ArithmeticTest, CombinesTensorsWithNumbers) {
  const Tensor x = Tensor::Of({2}, {2, 4});
  EXPECT_THAT((x + 1).span(), ElementsAre(3, 5));
  EXPECT_THAT((x - 1).span(), ElementsAre(1, 3));
  EXPECT_THAT((x * 3).span(), ElementsAre(6, 12));
  EXPECT_THAT((x / 4).span(), ElementsAre(0.5, 1));
  EXPECT_THAT((1 + x).span(), ElementsAre(3, 5));
  EXPECT_THAT((1 - x).span(), ElementsAre(-1, -3));
  EXPECT_THAT((3 * x).span(), ElementsAre(6, 12));
  EXPECT_THAT((4 / x).span(), ElementsAre(2, 1));
}

TEST(ArithmeticTest, WorksInPlace) {
  Tensor x = Tensor::Of({2}, {1, 2});
  const Tensor y = Tensor::Of({2}, {3, 4});
  x += y;
  EXPECT_THAT(x.span(), ElementsAre(4, 6));
  x *= y;
  EXPECT_THAT(x.span(), ElementsAre(12, 24));
  x -= y;
  EXPECT_THAT(x.span(), ElementsAre(9, 20));
  x /= y;
  EXPECT_THAT(x.span(), ElementsAre(3, 5));
  EXPECT_EQ(&(x += 1), &x);
  EXPECT_THAT(x.span(), ElementsAre(4, 6));
  x *= 3;
  EXPECT_THAT(x.span(), ElementsAre(12, 18));
  x -= 2;
  EXPECT_THAT(x.span(), ElementsAre(10, 16));
  x /= 2;
  EXPECT_THAT(x.span(), ElementsAre(5, 8));
  x -= x;
  EXPECT_THAT(x.span(), ElementsAre(0, 0));
}

TEST(ArithmeticTest, AppliesFunctions) {
  const Tensor x = Tensor::Of({3}, {-2, 0, 3});
  EXPECT_THAT((-x).span(), ElementsAre(2, 0, -3));
  EXPECT_THAT(Abs(x).span(), ElementsAre(2, 0, 3));
  EXPECT_THAT(Square(x).span(), ElementsAre(4, 0, 9));
}

TEST(ArithmeticTest, Reduces) {
  const Tensor x = Tensor::Of({2, 2}, {3, -1, 4, 2});
  EXPECT_EQ(Sum(x), 8);
  EXPECT_EQ(Mean(x), 2);
  EXPECT_EQ(Max(x), 4);
  EXPECT_EQ(Min(x), -1);
  EXPECT_EQ(Sum(Tensor()), 0);
}

TEST(ArithmeticTest, SumsAreInDouble) {
  // Floats from 2^24 on have no room for 1.
  EXPECT_EQ(Sum(Tensor::Of({3}, {16777216, 1, 1})), 16777218);
  EXPECT_EQ(MatMul(Tensor::Of({1, 3}, {16777216, 1, 1}), Ones({3, 1}))(0, 0),
            16777218);
}

TEST(ArithmeticTest, TheLargestOfNanIsNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(Max(Tensor::Of({3}, {1, nan, 2}))));
  EXPECT_TRUE(std::isnan(Min(Tensor::Of({3}, {nan, 1, 2}))));
}

TEST(ArithmeticTest, MultipliesMatrices) {
  const Tensor a = Tensor::Of({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = Tensor::Of({3, 2}, {1, 0, 0, 1, 2, 2});
  const Tensor y = MatMul(a, b);
  EXPECT_EQ(y.shape(), Shape({2, 2}));
  EXPECT_THAT(y.span(), ElementsAre(7, 8, 16, 17));
  EXPECT_THAT(MatMul(Tensor({1, 0}), Tensor({0, 2})).span(), ElementsAre(0, 0));
}

TEST(ArithmeticTest, ExponentialsAndLogarithms) {
  using ::testing::FloatEq;
  EXPECT_THAT(
      Exp(Tensor::Of({3}, {-1, 0, 2})).span(),
      testing::ElementsAre(FloatEq(0.36787944f), 1, FloatEq(7.389056f)));
  EXPECT_THAT(Log(Tensor::Of({2}, {1, 4})).span(),
              testing::ElementsAre(0, FloatEq(1.3862944f)));
}

TEST(ArithmeticDeathTest, NamesBothShapes) {
  Tensor a({2, 3});
  const Tensor b({3, 2});
  EXPECT_DEATH(a + b,
               "\\+ of float32 \\[2, 3\\] and float32 \\[3, 2\\]; expected "
               "float32 tensors of equal shapes");
  EXPECT_DEATH(a -= b, "-= of float32 \\[2, 3\\] and float32 \\[3, 2\\]");
  EXPECT_DEATH(MatMul(a, a),
               "MatMul of float32 \\[2, 3\\] and float32 \\[2, 3\\]; expected "
               "float32 \\[M, K\\] and \\[K, N\\]");
  EXPECT_DEATH(MatMul(a, Tensor({3})), "MatMul of .* and float32 \\[3\\];");
}

TEST(ArithmeticDeathTest, RejectsOtherElements) {
  Tensor bytes({2}, ElementType::kUint8);
  EXPECT_DEATH(bytes + Tensor({2}), "\\+ of uint8 \\[2\\] and float32 \\[2\\]");
  EXPECT_DEATH(bytes * 2, "\\* of uint8 \\[2\\]; expected a float32 tensor");
  EXPECT_DEATH(bytes *= 2, "\\*= of uint8 \\[2\\]");
  EXPECT_DEATH(Sum(bytes), "Sum of uint8 \\[2\\]");
  EXPECT_DEATH(Max(bytes), "Max of uint8 \\[2\\]");
}

TEST(ArithmeticDeathTest, NothingHasNoMean) {
  EXPECT_DEATH(Mean(Tensor({0, 2})),
               "Mean of float32 \\[0, 2\\]; expected at least one element");
  EXPECT_DEATH(Max(Tensor()), "Max of float32 \\[0\\]");
  EXPECT_DEATH(Min(Tensor()), "Min of float32 \\[0\\]");
}

}  // namespace
}  // namespace lenslet
