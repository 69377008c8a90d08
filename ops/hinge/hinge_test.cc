#include "lenslet/ops/hinge/hinge.h"

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
                            const std::vector<int32_t>& labels, float scale,
                            double margin = 1) {
  const int64_t classes = x.shape().dim(1);
  return RunLoss(
      **MakeHinge(backend, {.classes = classes, .margin = margin}, {classes}),
      x, labels, scale);
}

class HingeTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, HingeTest, ::testing::ValuesIn(kBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

//   scores    label  rival  margin + rival's score - label's
//   2 1 3/2   0      2      1 + 3/2 - 2 = 1/2
//   2 1 3/2   1      0      1 + 2 - 1 = 2
//   5 1 3/2   0      2      1 + 3/2 - 5 < 0
//
// All numbers are exact.
TEST_P(HingeTest, ByHand) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({3, 3}, {2, 1, 1.5, 2, 1, 1.5, 5, 1, 1.5}),
      {0, 1, 0}, 4);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({3}, {0.5, 2, 0})));
  LENSLET_EXPECT_OK(
      AllClose(result.dx, Tensor::Of({3, 3}, {-4, 0, 4, 4, -4, 0, 0, 0, 0})));
}

TEST_P(HingeTest, OfAnotherMargin) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({2, 2}, {2, 1, 2, 1.875}), {0, 0}, 1, 0.25);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {0, 0.125})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 2}, {0, 0, -1, 1})));
}

// The first of equal rivals has the gradient; a margin that is just met has
// none.
TEST_P(HingeTest, AtItsKinks) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({4, 3}, {4, 4, 4, 4, 4, 4, 0, 7, 7, 3, 2, 1}),
      {1, 0, 0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({4}, {1, 1, 8, 0})));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({4, 3}, {1, -1, 0, -1, 1, 0, -1, 1, 0, 0, 0, 0})));
}

TEST_P(HingeTest, OfLargeScores) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({2, 2}, {1e4, -1e4, 1e4, -1e4}), {1, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {20001, 0})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 2}, {1, -1, 0, 0})));
}

TEST_P(HingeTest, OfOneClassIsZero) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), Tensor::Of({1, 1}, {-5}), {0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({1}, {0})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({1, 1}, {0})));
}

// Behind a rival that is a NaN, and before one.
TEST_P(HingeTest, OfANaNIsNaN) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({3, 3}, {NAN, 1, 0, 0, 1, NAN, NAN, 1, 2}),
      {1, 1, 0}, 1);
  for (float loss : result.losses.span()) EXPECT_TRUE(std::isnan(loss));
}

TEST_P(HingeTest, AgreesWithReference) {
  const LossFactory make = [](Backend backend, int64_t classes, int64_t) {
    return MakeHinge(backend, {.classes = classes, .margin = 0.3}, {classes});
  };
  // The margin, a difference and a sum, rounded, of numbers up to 10. The
  // gradient has no rounding.
  CheckLossAgainstReference(
      make, GetParam(), [](int64_t) { return 3; }, /*absolute=*/10,
      /*gradient_absolute=*/0);
}

// Scores apart by 1/4 in a random order, and a margin that is no multiple of
// it, so that no kink is as near as the step.
TEST_P(HingeTest, Gradient) {
  constexpr int64_t kClasses = 10;
  Random random(/*seed=*/9);
  Tensor x({6, kClasses});
  for (int64_t n = 0; n < 6; ++n) {
    float* row = x.data() + n * kClasses;
    for (int64_t k = 0; k < kClasses; ++k) {
      row[k] = 0.25f * static_cast<float>(k);
      std::swap(row[k], row[random.Below(k + 1)]);
    }
  }
  // Piecewise linear: no higher derivatives. Two roundings of losses up to 4.
  CheckLossGradient(
      **MakeHinge(GetParam(), {.classes = kClasses, .margin = 0.625},
                  {kClasses}),
      std::move(x), {0, 1, 2, 3, 8, 9}, /*step=*/0x1p-6,
      /*third_derivative=*/0, /*roundings=*/8);
}

TEST_P(HingeTest, TheSimpleCall) {
  const std::vector<int32_t> labels = {0, 3};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor losses, HingeLoss(Tensor({2, 4}), labels, 0.5, GetParam()));
  LENSLET_EXPECT_OK(AllClose(losses, Tensor::Of({2}, {0.5, 0.5})));
}

TEST(HingeRejectedTest, NamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const std::vector<int32_t> labels = {0, 3};
  EXPECT_THAT(HingeLoss(Tensor({2, 3}), labels),
              StatusIs(code, HasSubstr("label 1 is 3, which is not in [0, "
                                       "3)")));
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        MakeHinge(backend, {.classes = 0}, {0}),
        StatusIs(code, HasSubstr("hinge loss over 0 classes, at least 1")));
    EXPECT_THAT(MakeHinge(backend, {.classes = 3}, {4}),
                StatusIs(code, HasSubstr("scores have shape [4], 3 classes "
                                         "need [3]")));
    for (double margin : {0.0, -1.0, 1e39, double{INFINITY}, double{NAN}}) {
      EXPECT_THAT(MakeHinge(backend, {.classes = 3, .margin = margin}, {3}),
                  StatusIs(code, HasSubstr(", a positive float is needed")));
    }
  }
}

TEST(HingeSpecTest, ShapeAndCost) {
  EXPECT_EQ(*OutputShape(HingeSpec{.classes = 10}, {10}), Shape());
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost,
                               ComputeCost(HingeSpec{.classes = 10}, {10}));
  EXPECT_EQ(cost.other_operations, 10);
  EXPECT_EQ(cost.bytes(), (10 + 1) * 4);
}

}  // namespace
}  // namespace lenslet
