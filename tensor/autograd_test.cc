#include "lenslet/tensor/autograd.h"

#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/gradient_check.h"
#include "lenslet/tensor/rearrange.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// All values below are in [1, 2]. Sums of up to 12 results, weighted by up to
// 1.5, are below 288, and rounded by 2^-24 of that, as are the results: the
// difference of two, by less than 4 * 288 * 2^-24 = 7e-5. Divided by 2h = 1/32,
// that is 2.2e-3. A central difference is off by at most h^2 / 6 = 4.1e-5 times
// the third derivative, which is largest for 3 / x: 1.5 * 18. That is 1.1e-3.
constexpr double kTolerance = 4e-3;

// Numbers from 1 to 2, away from 0, where Abs() and quotients have a kink.
Tensor Numbers(const Shape& shape, uint64_t seed) {
  Random random(seed);
  Tensor tensor(shape);
  FillUniform(1, 2, random, tensor.span());
  return tensor;
}

std::vector<Tensor> Two(const Shape& a, const Shape& b) {
  std::vector<Tensor> values;
  values.push_back(Numbers(a, /*seed=*/1));
  values.push_back(Numbers(b, /*seed=*/2));
  return values;
}

const std::vector<Shape>& Shapes() {
  static const auto& shapes =
      *new std::vector<Shape>{{}, {1}, {5}, {3, 4}, {2, 1, 3}, {1, 2, 2, 3}};
  return shapes;
}

// Of an expression of one or two variables of the same shape.
void CheckAllShapes(const Expression& expression) {
  for (const Shape& shape : Shapes()) {
    EXPECT_THAT(CheckGradients(expression, Two(shape, shape), kTolerance),
                IsEmpty())
        << shape;
  }
}

using Variables = const std::vector<Variable>&;

TEST(AutogradTest, DifferentiatesArithmetic) {
  CheckAllShapes([](Variables v) { return v[0] + v[1]; });
  CheckAllShapes([](Variables v) { return v[0] - v[1]; });
  CheckAllShapes([](Variables v) { return v[0] * v[1]; });
  CheckAllShapes([](Variables v) { return v[0] / v[1]; });
}

TEST(AutogradTest, DifferentiatesArithmeticWithNumbers) {
  CheckAllShapes([](Variables v) { return v[0] + 3; });
  CheckAllShapes([](Variables v) { return v[0] - 3; });
  CheckAllShapes([](Variables v) { return v[0] * 3; });
  CheckAllShapes([](Variables v) { return v[0] / 3; });
  CheckAllShapes([](Variables v) { return 3 + v[0]; });
  CheckAllShapes([](Variables v) { return 3 - v[0]; });
  CheckAllShapes([](Variables v) { return 3 * v[0]; });
  CheckAllShapes([](Variables v) { return 3 / v[0]; });
}

TEST(AutogradTest, ComputesTheValuesOfArithmeticWithNumbers) {
  const Variable x = Tensor::Of({2}, {1, 2});
  EXPECT_THAT((x + 3).value().span(), ElementsAre(4, 5));
  EXPECT_THAT((x - 3).value().span(), ElementsAre(-2, -1));
  EXPECT_THAT((3 - x).value().span(), ElementsAre(2, 1));
  EXPECT_THAT((x / 2).value().span(), ElementsAre(0.5, 1));
  EXPECT_THAT((2 / x).value().span(), ElementsAre(2, 1));
}

TEST(AutogradTest, DifferentiatesFunctions) {
  CheckAllShapes([](Variables v) { return -v[0]; });
  CheckAllShapes([](Variables v) { return Square(v[0]); });
  CheckAllShapes([](Variables v) { return Abs(v[0]); });
  CheckAllShapes([](Variables v) { return Abs(-v[0]); });
  CheckAllShapes([](Variables v) { return Exp(v[0]); });
  CheckAllShapes([](Variables v) { return Log(v[0]); });
  CheckAllShapes([](Variables v) { return Relu(v[0]); });
  CheckAllShapes([](Variables v) { return Relu(-v[0]); });
  CheckAllShapes([](Variables v) { return Sum(v[0]); });
  CheckAllShapes([](Variables v) { return Mean(v[0]); });
  CheckAllShapes([](Variables v) {
    return Reshaped(v[0], {1, v[0].value().shape().elements()});
  });
}

TEST(AutogradTest, DifferentiatesMatMul) {
  const std::vector<std::pair<Shape, Shape>> kShapes = {
      {{1, 1}, {1, 1}}, {{3, 2}, {2, 4}}, {{1, 4}, {4, 1}}, {{3, 1}, {1, 2}}};
  for (const auto& [a, b] : kShapes) {
    EXPECT_THAT(CheckGradients([](Variables v) { return MatMul(v[0], v[1]); },
                               Two(a, b), kTolerance),
                IsEmpty())
        << a << b;
  }
}

TEST(AutogradTest, AddsWhatFlowsThroughSeveralUses) {
  // One variable twice in an operation, and in several.
  CheckAllShapes([](Variables v) { return v[0] * v[0]; });
  CheckAllShapes([](Variables v) { return v[0] * v[1] + v[0]; });
  // A diamond: both operands of the product come from one intermediate.
  CheckAllShapes([](Variables v) {
    const Variable middle = v[0] + v[1];
    return middle * (middle - 1);
  });
  // A chain.
  CheckAllShapes(
      [](Variables v) { return Sum(Square(v[0]) * v[1] - v[1]) * Mean(v[1]); });
}

TEST(AutogradTest, MatchesAnExampleByHand) {
  // L = (2 * 3 - 1)^2 + (4 * 5 - 2)^2, dL/dw = 2 (w x - y) x
  const Tensor x = Tensor::Of({2}, {3, 5});
  const Tensor y = Tensor::Of({2}, {1, 2});
  const Variable w = Tensor::Of({2}, {2, 4});
  const Variable loss = Sum(Square(w * x - y));
  loss.Backward();
  EXPECT_EQ(loss.value()(), 25 + 324);
  EXPECT_THAT(w.gradient().span(), ElementsAre(30, 180));
  EXPECT_THAT(loss.gradient().span(), ElementsAre(1));
}

TEST(AutogradTest, TakesTheGradientOfAbsAtZeroToBeZero) {
  const Variable x = Tensor::Of({3}, {-2, 0, 2});
  Sum(Abs(x)).Backward();
  EXPECT_THAT(x.gradient().span(), ElementsAre(-1, 0, 1));
}

TEST(AutogradTest, TakesTheGradientOfReluAtZeroToBeZero) {
  const Variable x = Tensor::Of({3}, {-2, 0, 2});
  const Variable y = Relu(x);
  Sum(y).Backward();
  EXPECT_THAT(y.value().span(), ElementsAre(0, 0, 2));
  EXPECT_THAT(x.gradient().span(), ElementsAre(0, 0, 1));
}

// As the header shows.
TEST(AutogradTest, AddsABiasByAColumnOfOnes) {
  const Tensor x = Tensor::Of({3, 1}, {1, 2, 3});
  const Variable w = Tensor::Of({1, 1}, {10});
  const Variable b = Tensor::Of({1, 1}, {5});
  const Variable y = MatMul(x, w) + MatMul(Ones({3, 1}), b);
  Sum(y).Backward();
  EXPECT_THAT(y.value().span(), ElementsAre(15, 25, 35));
  EXPECT_THAT(w.gradient().span(), ElementsAre(6));
  EXPECT_THAT(b.gradient().span(), ElementsAre(3));
}

TEST(AutogradTest, EachBackwardStartsAnew) {
  Variable x = Tensor::Of({2}, {1, 2});
  EXPECT_THAT(x.gradient().span(), ElementsAre(0, 0));
  const Variable loss = Sum(Square(x));
  loss.Backward();
  loss.Backward();
  EXPECT_THAT(x.gradient().span(), ElementsAre(2, 4));
  x.mutable_value() -= 0.5f * x.gradient();
  EXPECT_THAT(x.value().span(), ElementsAre(0, 0));
  Sum(3 * x).Backward();
  EXPECT_THAT(x.gradient().span(), ElementsAre(3, 3));
}

TEST(AutogradTest, LeavesOtherVariablesAlone) {
  const Variable x = Tensor::Of({1}, {2});
  const Variable other = Tensor::Of({1}, {3});
  Square(other).Backward();
  Square(x).Backward();
  EXPECT_THAT(other.gradient().span(), ElementsAre(6));
}

TEST(AutogradTest, CopiesAreTheSameVariable) {
  Variable x = Tensor::Of({1}, {2});
  Variable same = x;
  same.mutable_value()(0) = 5;
  Square(x).Backward();
  EXPECT_THAT(same.gradient().span(), ElementsAre(10));
}

TEST(AutogradTest, CopiesTensors) {
  Tensor tensor = Tensor::Of({1}, {2});
  const Variable x = tensor;
  tensor(0) = 3;
  EXPECT_EQ(x.value()(0), 2);
}

TEST(AutogradTest, LongChainsNeedNoStack) {
  constexpr int kLength = 100'000;
  const Variable x = Tensor::Of({1}, {1});
  Variable y = x;
  for (int i = 0; i < kLength; ++i) y = y + x;
  y.Backward();
  EXPECT_EQ(x.gradient()(0), kLength + 1);
}

TEST(AutogradTest, TakesOperationsOfOthers) {
  const auto cube = [](const Variable& x) {
    return Variable(x.value() * Square(x.value()), {x}, [x](const Tensor& dy) {
      return Gradients(3 * Square(x.value()) * dy);
    });
  };
  CheckAllShapes([&](Variables v) { return cube(v[0]); });
}

TEST(CheckGradientsTest, FindsAWrongGradient) {
  const auto wrong = [](Variables v) {
    return Variable(2 * v[0].value(), {v[0]}, [](const Tensor& dy) {
      Tensor dx = 2 * dy;
      dx(1) += 0.01f;
      return Gradients(std::move(dx));
    });
  };
  std::vector<Tensor> values;
  values.push_back(Numbers({3}, /*seed=*/1));
  EXPECT_THAT(CheckGradients(wrong, values, kTolerance),
              ElementsAre(::testing::StartsWith("variable 0, element 1: ")));
}

TEST(AutogradDeathTest, RejectsMistakes) {
  const Variable a(Tensor({2}));
  const Variable b(Tensor({3}));
  EXPECT_DEATH(a + b, "\\[2\\] and float32 \\[3\\]");
  EXPECT_DEATH(a.Backward(), "variable of shape \\[2\\]; expected one element");
  EXPECT_DEATH(Variable(Tensor({2}, ElementType::kUint8)),
               "variable of uint8 \\[2\\]; expected float32");
  const Variable wrong(Tensor({1}), {a},
                       [](const Tensor& dy) { return Gradients(dy.Clone()); });
  EXPECT_DEATH(wrong.Backward(), "\\[2\\] and float32 \\[1\\]");
  const Variable none(Tensor({1}), {a},
                      [](const Tensor&) { return Gradients(); });
  EXPECT_DEATH(none.Backward(),
               "the gradient function returned 0 tensors; expected 1");
}

}  // namespace
}  // namespace lenslet
