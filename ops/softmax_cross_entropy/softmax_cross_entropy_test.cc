#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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
                            double label_smoothing = 0) {
  const int64_t classes = x.shape().dim(1);
  return RunLoss(
      **MakeSoftmaxCrossEntropy(
          backend, {.classes = classes, .label_smoothing = label_smoothing},
          {classes}, x.shape().dim(0)),
      x, labels, scale);
}

class SoftmaxCrossEntropyTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, SoftmaxCrossEntropyTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// Roundings of numbers up to 10, and of exponentials.
constexpr Tolerance kFewRoundings = {.absolute = 8 * 0x1p-24,
                                     .relative = 8 * 0x1p-24};

// exp(x) is 1, 2, 5: p is 1/8, 2/8, 5/8. For labels 2 and 0 the losses are
// log 8/5 and log 8; the gradients, times 2, 2 * (p - one-hot).
TEST_P(SoftmaxCrossEntropyTest, ByHand) {
  const float log2 = std::log(2.0f);
  const float log5 = std::log(5.0f);
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5}), {2, 0},
      2);
  LENSLET_EXPECT_OK(AllClose(result.losses,
                             Tensor::Of({2}, {std::log(1.6f), std::log(8.0f)}),
                             kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({2, 3}, {0.25, 0.5, -0.75, -1.75, 0.5, 1.25}),
      kFewRoundings));
}

// Neither exp(1000) nor log(exp(-1000)) is a number that floats have.
TEST_P(SoftmaxCrossEntropyTest, IsStableForLargeNumbers) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({2, 2}, {1000, 0, -1000, 0}), {1, 1}, 1);
  LENSLET_EXPECT_OK(
      AllClose(result.losses, Tensor::Of({2}, {1000, 0}), kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 2}, {1, -1, 0, 0}),
                             {.absolute = 1e-30}));
}

TEST_P(SoftmaxCrossEntropyTest, OfOneClassIsZero) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), Tensor::Of({1, 1}, {5}), {0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({1}, {0})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({1, 1}, {0})));
}

// p is 1/8, 2/8, 5/8, as above. Three classes share 0.3 alike: the targets are
// 0.1 0.1 0.8 for label 2 and 0.8 0.1 0.1 for label 0.
TEST_P(SoftmaxCrossEntropyTest, LabelSmoothingByHand) {
  const float log2 = std::log(2.0f);
  const float log5 = std::log(5.0f);
  const LossAndGradient result = ComputeLoss(
      GetParam(), Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5}), {2, 0}, 2,
      0.3);
  const double log8 = std::log(8.0);
  const double log4 = std::log(4.0);
  const double log1_6 = std::log(1.6);
  LENSLET_EXPECT_OK(AllClose(
      result.losses,
      Tensor::Of({2},
                 {static_cast<float>(0.1 * log8 + 0.1 * log4 + 0.8 * log1_6),
                  static_cast<float>(0.8 * log8 + 0.1 * log4 + 0.1 * log1_6)}),
      kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({2, 3}, {0.05f, 0.3f, -0.35f, -1.35f, 0.3f, 1.05f}),
      kFewRoundings));
}

// With targets of 1/4 and 3/4, the losses are 20000 times the target of the
// lower score.
TEST_P(SoftmaxCrossEntropyTest, LabelSmoothingOfLargeScoresAndTies) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), Tensor::Of({3, 2}, {1e4, -1e4, 1e4, -1e4, 7, 7}),
                  {1, 0, 0}, 1, 0.5);
  LENSLET_EXPECT_OK(AllClose(result.losses,
                             Tensor::Of({3}, {15000, 5000, std::log(2.0f)}),
                             kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({3, 2}, {0.75, -0.75, 0.25, -0.25, -0.25, 0.25}),
      kFewRoundings));
}

TEST_P(SoftmaxCrossEntropyTest, AgreesWithReference) {
  for (double label_smoothing : {0.0, 0.1, 0.9}) {
    SCOPED_TRACE(label_smoothing);
    const LossFactory make = [&](Backend backend, int64_t classes,
                                 int64_t images) {
      return MakeSoftmaxCrossEntropy(
          backend, {.classes = classes, .label_smoothing = label_smoothing},
          {classes}, images);
    };
    // Exponentials are within 8 roundings, XNNPACK's within 2 ulp. A sum of n
    // terms in float adds sqrt(n), relative to p; n those of the gaps below the
    // maximum, whose errors have one sign where they are alike.
    CheckLossAgainstReference(
        make, GetParam(),
        [&](int64_t classes) {
          return 8 + std::sqrt(classes) +
                 (label_smoothing == 0 ? 0 : static_cast<double>(classes));
        },
        /*absolute=*/1, /*gradient_absolute=*/0.25);
  }
}

TEST_P(SoftmaxCrossEntropyTest, Gradient) {
  constexpr int64_t kClasses = 10;
  for (const double label_smoothing : {0.0, 0.2}) {
    for (const double scale : {0.25, 1.0, 4.0}) {
      SCOPED_TRACE(
          absl::StrCat("label smoothing ", label_smoothing, ", scale ", scale));
      Tensor x({3, kClasses});
      Random random(/*seed=*/9);
      FillUniform(-scale, scale, random, x.span());
      // The third derivative of log-sum-exp is below 1/4; the losses, up to
      // log 10 + 2 scale, have the error of a few roundings, and of a sum of
      // gaps.
      CheckLossGradient(
          **MakeSoftmaxCrossEntropy(
              GetParam(),
              {.classes = kClasses, .label_smoothing = label_smoothing},
              {kClasses}, 3),
          std::move(x), {3, 0, 9}, /*step=*/0x1p-6, /*third_derivative=*/0.25,
          /*roundings=*/(label_smoothing == 0 ? 8 : 8 + kClasses) *
              (3 + 2 * scale));
    }
  }
}

TEST_P(SoftmaxCrossEntropyTest, CrossEntropyOfTheSimpleCall) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor losses,
      CrossEntropy(Tensor({2, 10}), std::vector<int32_t>{0, 9}, GetParam()));
  const float log10 = std::log(10.0f);
  LENSLET_EXPECT_OK(
      AllClose(losses, Tensor::Of({2}, {log10, log10}), kFewRoundings));
}

TEST(SoftmaxTest, OfLogarithmsAreTheirShares) {
  const Tensor x = Tensor::Of(
      {2, 3}, {0, std::log(2.0f), std::log(5.0f), -1000, 1000, -1000});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor p, Softmax(x));
  LENSLET_EXPECT_OK(AllClose(
      p, Tensor::Of({2, 3}, {0.125, 0.25, 0.625, 0, 1, 0}), kFewRoundings));
}

TEST(SoftmaxCrossEntropyRejectedTest, NamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const std::vector<int32_t> labels = {0, 3};
  EXPECT_THAT(Softmax(Tensor({3})),
              StatusIs(code, HasSubstr("x is float32 [3], expected float32 [N, "
                                       "classes]")));
  EXPECT_THAT(Softmax(Tensor({2, 0})),
              StatusIs(code, HasSubstr("shape [2, 0] holds no elements")));
  EXPECT_THAT(CrossEntropy(Tensor({3, 4}), labels),
              StatusIs(code, HasSubstr("2 labels for x of shape [3, 4], which "
                                       "has 3 rows")));
  EXPECT_THAT(CrossEntropy(Tensor({2, 3}), labels),
              StatusIs(code, HasSubstr("label 1 is 3, which is not in [0, "
                                       "3)")));
  for (Backend backend : kBackends) {
    EXPECT_THAT(MakeSoftmaxCrossEntropy(backend, {.classes = 0}, {0}, 1),
                StatusIs(code, HasSubstr("over 0 classes")));
    EXPECT_THAT(MakeSoftmaxCrossEntropy(backend, {.classes = 3}, {3, 1}, 1),
                StatusIs(code, HasSubstr("scores have shape [3, 1], 3 classes "
                                         "need [3]")));
    for (double smoothing : {-0.1, 1.0, double{NAN}}) {
      EXPECT_THAT(
          MakeSoftmaxCrossEntropy(
              backend, {.classes = 3, .label_smoothing = smoothing}, {3}, 1),
          StatusIs(code,
                   HasSubstr(absl::StrCat("label_smoothing is ", smoothing,
                                          ", which is not in [0, 1)"))));
    }
  }
}

TEST(SoftmaxCrossEntropySpecTest, ShapeAndCost) {
  EXPECT_EQ(*OutputShape(SoftmaxCrossEntropySpec{.classes = 10}, {10}),
            Shape());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost cost, ComputeCost(SoftmaxCrossEntropySpec{.classes = 10}, {10}));
  EXPECT_EQ(cost.other_operations, 10);
  EXPECT_EQ(cost.bytes(), (10 + 1) * 4);
}

}  // namespace
}  // namespace lenslet
