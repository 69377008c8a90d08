#include "lenslet/ops/squared_error/squared_error.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/testing/loss_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

LossAndGradient ComputeLoss(Backend backend, const Tensor& x,
                            const std::vector<int32_t>& labels, float scale) {
  const int64_t classes = x.shape().dim(1);
  return RunLoss(**MakeSquaredError(backend, {.classes = classes}, {classes}),
                 x, labels, scale);
}

class SquaredErrorTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, SquaredErrorTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

constexpr Tolerance kFewRoundings = {.absolute = 4 * 0x1p-24,
                                     .relative = 4 * 0x1p-24};

//   scores    label  target   error       squares' mean
//   1 0 1/2   1      0 1 0    1 -1 1/2    (1 + 1 + 1/4) / 3 = 3/4
//   1 0 1/2   0      1 0 0    0  0 1/2    (1/4) / 3 = 1/12
//   0 0 1     2      0 0 1    0  0 0      0
//
// The gradient is 2/3 of the errors, here times 3.
TEST_P(SquaredErrorTest, ByHand) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({3, 3}, {1, 0, 0.5, 1, 0, 0.5, 0, 0, 1}),
      {1, 0, 2}, 3);
  LENSLET_EXPECT_OK(AllClose(
      result.losses, Tensor::Of({3}, {0.75f, 1.0f / 12, 0}), kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(result.dx,
                             Tensor::Of({3, 3}, {2, -2, 1, 0, 0, 1, 0, 0, 0}),
                             kFewRoundings));
}

// Errors of 9999 and 10000 have squares of 99980001 and 100000000.
TEST_P(SquaredErrorTest, OfLargeScores) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), Tensor::Of({2, 2}, {1e4, -1e4, 1, 1}), {0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {99990000.5, 0.5}),
                             kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({2, 2}, {9999, -10000, 0, 1}), kFewRoundings));
}

TEST_P(SquaredErrorTest, OfOneClass) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), Tensor::Of({2, 1}, {1, 3}), {0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {0, 4})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 1}, {0, 4})));
}

TEST_P(SquaredErrorTest, AgreesWithReference) {
  const LossFactory make = [](Backend backend, int64_t classes, int64_t) {
    return MakeSquaredError(backend, {.classes = classes}, {classes});
  };
  // A difference, a square and a division, and a sum of so many terms, none of
  // them negative. Where a difference cancels, it is exact.
  CheckLossAgainstReference(
      make, GetParam(), [](int64_t classes) { return 4.0 + classes; },
      /*absolute=*/0, /*gradient_absolute=*/0);
}

TEST_P(SquaredErrorTest, Gradient) {
  Tensor x({3, 10});
  Random random(/*seed=*/9);
  FillUniform(-2, 2, random, x.span());
  // A parabola has no third derivative. Losses up to 9 are sums of 10 terms.
  CheckLossGradient(**MakeSquaredError(GetParam(), {.classes = 10}, {10}),
                    std::move(x), {3, 0, 9}, /*step=*/0x1p-6,
                    /*third_derivative=*/0, /*roundings=*/9 * 14);
}

TEST_P(SquaredErrorTest, TheSimpleCall) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor losses,
      MeanSquaredError(Tensor({2, 4}), std::vector<int32_t>{0, 3}, GetParam()));
  LENSLET_EXPECT_OK(AllClose(losses, Tensor::Of({2}, {0.25, 0.25})));
}

TEST(SquaredErrorRejectedTest, NamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const std::vector<int32_t> labels = {0, 3};
  EXPECT_THAT(MeanSquaredError(Tensor({2, 3}), labels),
              StatusIs(code, HasSubstr("label 1 is 3, which is not in [0, "
                                       "3)")));
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        MakeSquaredError(backend, {.classes = 0}, {0}),
        StatusIs(code, HasSubstr("squared error over 0 classes, at least 1")));
    EXPECT_THAT(MakeSquaredError(backend, {.classes = 3}, {4}),
                StatusIs(code, HasSubstr("scores have shape [4], 3 classes "
                                         "need [3]")));
  }
}

TEST(SquaredErrorSpecTest, ShapeAndCost) {
  EXPECT_EQ(*OutputShape(SquaredErrorSpec{.classes = 10}, {10}), Shape());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost cost, ComputeCost(SquaredErrorSpec{.classes = 10}, {10}));
  EXPECT_EQ(cost.other_operations, 30);
  EXPECT_EQ(cost.bytes(), (10 + 1) * 4);
}

}  // namespace
}  // namespace lenslet
