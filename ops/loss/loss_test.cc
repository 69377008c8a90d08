#include "lenslet/ops/loss/loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
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

// Each loss of classes, with a value of its field that is not the default.
// weighted_targets_test.cc has the weights that are not the label's.
const LossKind kKinds[] = {
    CrossEntropySpec{.label_smoothing = 0.2, .weigh_by_label = true},
    MeanSquaredErrorSpec{}, HingeSpec{.margin = 0.625},
    SumHingeSpec{.margin = 0.625}, FocalSpec{.gamma = 1.5}};

template <typename... Specs>
constexpr size_t CountOfClassLosses(
    std::type_identity<std::variant<Specs...>>) {
  return (Specs::kTakesClasses + ...);
}
static_assert(std::size(kKinds) ==
              CountOfClassLosses(std::type_identity<LossKind>()));

constexpr Tolerance kFourRoundings = {.absolute = 4 * 0x1p-24,
                                      .relative = 4 * 0x1p-24};
// Of numbers up to 10, and of exponentials.
constexpr Tolerance kEightRoundings = {.absolute = 8 * 0x1p-24,
                                       .relative = 8 * 0x1p-24};

LossAndGradient ComputeLoss(Backend backend, const LossSpec& spec,
                            const Tensor& x, const std::vector<int32_t>& labels,
                            float scale) {
  return RunLoss(
      **MakeLossKernel(backend, spec, {x.shape().dim(1)}, x.shape().dim(0)), x,
      labels, scale);
}

LossFactory Factory(const LossKind& kind) {
  return [kind](Backend backend, int64_t classes, int64_t images) {
    return MakeLossKernel(backend, {.kind = kind}, {classes}, images);
  };
}

class BackendTest : public ::testing::TestWithParam<Backend> {};

std::string NameOfBackend(const ::testing::TestParamInfo<Backend>& info) {
  return std::string(Name(info.param));
}

// Cross-entropy.

class CrossEntropyTest : public BackendTest {};

INSTANTIATE_TEST_SUITE_P(Backends, CrossEntropyTest,
                         ::testing::ValuesIn(kBackends), NameOfBackend);

// exp(x) is 1, 2, 5: p is 1/8, 2/8, 5/8. For labels 2 and 0 the losses are
// log 8/5 and log 8; the gradients, times 2, 2 * (p - one-hot).
TEST_P(CrossEntropyTest, ByHand) {
  const float log2 = std::log(2.0f);
  const float log5 = std::log(5.0f);
  const LossAndGradient result = ComputeLoss(
      GetParam(), {}, Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5}),
      {2, 0}, 2);
  LENSLET_EXPECT_OK(AllClose(result.losses,
                             Tensor::Of({2}, {std::log(1.6f), std::log(8.0f)}),
                             kEightRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({2, 3}, {0.25, 0.5, -0.75, -1.75, 0.5, 1.25}),
      kEightRoundings));
}

// Neither exp(1000) nor log(exp(-1000)) is a number that floats have.
TEST_P(CrossEntropyTest, IsStableForLargeNumbers) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), {}, Tensor::Of({2, 2}, {1000, 0, -1000, 0}), {1, 1}, 1);
  LENSLET_EXPECT_OK(
      AllClose(result.losses, Tensor::Of({2}, {1000, 0}), kEightRoundings));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 2}, {1, -1, 0, 0}),
                             {.absolute = 1e-30}));
}

TEST_P(CrossEntropyTest, OfOneClassIsZero) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), {}, Tensor::Of({1, 1}, {5}), {0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({1}, {0})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({1, 1}, {0})));
}

// p is 1/8, 2/8, 5/8, as above. Three classes share 0.3 alike: the targets are
// 0.1 0.1 0.8 for label 2 and 0.8 0.1 0.1 for label 0.
TEST_P(CrossEntropyTest, LabelSmoothingByHand) {
  const float log2 = std::log(2.0f);
  const float log5 = std::log(5.0f);
  const LossAndGradient result = ComputeLoss(
      GetParam(), {.kind = CrossEntropySpec{.label_smoothing = 0.3}},
      Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5}), {2, 0}, 2);
  const double log8 = std::log(8.0);
  const double log4 = std::log(4.0);
  const double log1_6 = std::log(1.6);
  LENSLET_EXPECT_OK(AllClose(
      result.losses,
      Tensor::Of({2},
                 {static_cast<float>(0.1 * log8 + 0.1 * log4 + 0.8 * log1_6),
                  static_cast<float>(0.8 * log8 + 0.1 * log4 + 0.1 * log1_6)}),
      kEightRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({2, 3}, {0.05f, 0.3f, -0.35f, -1.35f, 0.3f, 1.05f}),
      kEightRoundings));
}

// With targets of 1/4 and 3/4, the losses are 20000 times the target of the
// lower score.
TEST_P(CrossEntropyTest, LabelSmoothingOfLargeScoresAndTies) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), {.kind = CrossEntropySpec{.label_smoothing = 0.5}},
      Tensor::Of({3, 2}, {1e4, -1e4, 1e4, -1e4, 7, 7}), {1, 0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses,
                             Tensor::Of({3}, {15000, 5000, std::log(2.0f)}),
                             kEightRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({3, 2}, {0.75, -0.75, 0.25, -0.25, -0.25, 0.25}),
      kEightRoundings));
}

TEST_P(CrossEntropyTest, AgreesWithReference) {
  for (double label_smoothing : {0.0, 0.1, 0.9}) {
    SCOPED_TRACE(label_smoothing);
    // Exponentials are within 8 roundings, XNNPACK's within 2 ulp. A sum of n
    // terms in float adds sqrt(n), relative to p; n those of the gaps below the
    // maximum, whose errors have one sign where they are alike.
    CheckLossAgainstReference(
        Factory(CrossEntropySpec{.label_smoothing = label_smoothing}),
        GetParam(),
        [&](int64_t classes) {
          return 8 + std::sqrt(classes) +
                 (label_smoothing == 0 ? 0 : static_cast<double>(classes));
        },
        /*absolute=*/1, /*gradient_absolute=*/0.25);
  }
}

TEST_P(CrossEntropyTest, Gradient) {
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
          **MakeLossKernel(
              GetParam(),
              {.kind = CrossEntropySpec{.label_smoothing = label_smoothing}},
              {kClasses}, 3),
          std::move(x), {3, 0, 9}, /*step=*/0x1p-6, /*third_derivative=*/0.25,
          /*roundings=*/(label_smoothing == 0 ? 8 : 8 + kClasses) *
              (3 + 2 * scale));
    }
  }
}

// Mean squared error.

class MeanSquaredErrorTest : public BackendTest {
 protected:
  const LossSpec spec_ = {.kind = MeanSquaredErrorSpec{}};
};

INSTANTIATE_TEST_SUITE_P(Backends, MeanSquaredErrorTest,
                         ::testing::ValuesIn(kBackends), NameOfBackend);

//   scores    label  target   error       squares' mean
//   1 0 1/2   1      0 1 0    1 -1 1/2    (1 + 1 + 1/4) / 3 = 3/4
//   1 0 1/2   0      1 0 0    0  0 1/2    (1/4) / 3 = 1/12
//   0 0 1     2      0 0 1    0  0 0      0
//
// The gradient is 2/3 of the errors, here times 3.
TEST_P(MeanSquaredErrorTest, ByHand) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), spec_, Tensor::Of({3, 3}, {1, 0, 0.5, 1, 0, 0.5, 0, 0, 1}),
      {1, 0, 2}, 3);
  LENSLET_EXPECT_OK(AllClose(
      result.losses, Tensor::Of({3}, {0.75f, 1.0f / 12, 0}), kFourRoundings));
  LENSLET_EXPECT_OK(AllClose(result.dx,
                             Tensor::Of({3, 3}, {2, -2, 1, 0, 0, 1, 0, 0, 0}),
                             kFourRoundings));
}

// Errors of 9999 and 10000 have squares of 99980001 and 100000000.
TEST_P(MeanSquaredErrorTest, OfLargeScores) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), spec_, Tensor::Of({2, 2}, {1e4, -1e4, 1, 1}), {0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {99990000.5, 0.5}),
                             kFourRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({2, 2}, {9999, -10000, 0, 1}), kFourRoundings));
}

TEST_P(MeanSquaredErrorTest, OfOneClass) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), spec_, Tensor::Of({2, 1}, {1, 3}), {0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {0, 4})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 1}, {0, 4})));
}

TEST_P(MeanSquaredErrorTest, AgreesWithReference) {
  // A difference, a square and a division, and a sum of so many terms, none of
  // them negative. Where a difference cancels, it is exact.
  CheckLossAgainstReference(
      Factory(spec_.kind), GetParam(),
      [](int64_t classes) { return 4.0 + classes; },
      /*absolute=*/0, /*gradient_absolute=*/0);
}

TEST_P(MeanSquaredErrorTest, Gradient) {
  Tensor x({3, 10});
  Random random(/*seed=*/9);
  FillUniform(-2, 2, random, x.span());
  // A parabola has no third derivative. Losses up to 9 are sums of 10 terms.
  CheckLossGradient(**MakeLossKernel(GetParam(), spec_, {10}, 3), std::move(x),
                    {3, 0, 9}, /*step=*/0x1p-6,
                    /*third_derivative=*/0, /*roundings=*/9 * 14);
}

// Hinge loss.

class HingeTest : public BackendTest {
 protected:
  const LossSpec spec_ = {.kind = HingeSpec{}};
};

INSTANTIATE_TEST_SUITE_P(Backends, HingeTest, ::testing::ValuesIn(kBackends),
                         NameOfBackend);

//   scores    label  rival  margin + rival's score - label's
//   2 1 3/2   0      2      1 + 3/2 - 2 = 1/2
//   2 1 3/2   1      0      1 + 2 - 1 = 2
//   5 1 3/2   0      2      1 + 3/2 - 5 < 0
//
// All numbers are exact.
TEST_P(HingeTest, ByHand) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), spec_, Tensor::Of({3, 3}, {2, 1, 1.5, 2, 1, 1.5, 5, 1, 1.5}),
      {0, 1, 0}, 4);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({3}, {0.5, 2, 0})));
  LENSLET_EXPECT_OK(
      AllClose(result.dx, Tensor::Of({3, 3}, {-4, 0, 4, 4, -4, 0, 0, 0, 0})));
}

TEST_P(HingeTest, OfAnotherMargin) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), {.kind = HingeSpec{.margin = 0.25}},
                  Tensor::Of({2, 2}, {2, 1, 2, 1.875}), {0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {0, 0.125})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 2}, {0, 0, -1, 1})));
}

// The first of equal rivals has the gradient; a margin that is just met has
// none.
TEST_P(HingeTest, AtItsKinks) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), spec_,
                  Tensor::Of({4, 3}, {4, 4, 4, 4, 4, 4, 0, 7, 7, 3, 2, 1}),
                  {1, 0, 0, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({4}, {1, 1, 8, 0})));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({4, 3}, {1, -1, 0, -1, 1, 0, -1, 1, 0, 0, 0, 0})));
}

TEST_P(HingeTest, OfLargeScores) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), spec_, Tensor::Of({2, 2}, {1e4, -1e4, 1e4, -1e4}), {1, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {20001, 0})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 2}, {1, -1, 0, 0})));
}

TEST_P(HingeTest, OfOneClassIsZero) {
  const LossAndGradient result =
      ComputeLoss(GetParam(), spec_, Tensor::Of({1, 1}, {-5}), {0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({1}, {0})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({1, 1}, {0})));
}

// After a rival that is a NaN, and before one.
TEST_P(HingeTest, OfANaNIsNaN) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), spec_, Tensor::Of({3, 3}, {NAN, 1, 0, 0, 1, NAN, NAN, 1, 2}),
      {1, 1, 0}, 1);
  for (float loss : result.losses.span()) EXPECT_TRUE(std::isnan(loss));
}

TEST_P(HingeTest, AgreesWithReference) {
  // The margin, a difference and a sum, rounded, of numbers up to 10. The
  // gradient has no rounding.
  CheckLossAgainstReference(
      Factory(HingeSpec{.margin = 0.3}), GetParam(), [](int64_t) { return 3; },
      /*absolute=*/10,
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
      **MakeLossKernel(GetParam(), {.kind = HingeSpec{.margin = 0.625}},
                       {kClasses}, 6),
      std::move(x), {0, 1, 2, 3, 8, 9}, /*step=*/0x1p-6,
      /*third_derivative=*/0, /*roundings=*/8);
}

// The hinge loss that adds up all rivals.

class SumHingeTest : public BackendTest {};

INSTANTIATE_TEST_SUITE_P(Backends, SumHingeTest, ::testing::ValuesIn(kBackends),
                         NameOfBackend);

//   scores    label  1 + each rival's score - label's
//   2 1 3/2   0      0    1/2      met: 0
//   2 1 3/2   1      2    3/2
//   5 1 3/2   0      -3   -5/2
//   1 1 1     2      1    1
TEST_P(SumHingeTest, ByHand) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), {.kind = SumHingeSpec()},
      Tensor::Of({4, 3}, {2, 1, 1.5, 2, 1, 1.5, 5, 1, 1.5, 1, 1, 1}),
      {0, 1, 0, 2}, 4);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({4}, {0.5, 3.5, 0, 2})));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({4, 3}, {-4, 0, 4, 4, -8, 4, 0, 0, 0, 4, 4, -8})));
}

// Of two classes there is one rival.
TEST_P(SumHingeTest, OfTwoClassesIsTheOtherHinge) {
  Tensor x({19, 2});
  Random random(/*seed=*/3);
  FillUniform(-2, 2, random, x.span());
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < 19; ++n) labels.push_back(n % 2);
  const LossAndGradient sum = ComputeLoss(
      GetParam(), {.kind = SumHingeSpec{.margin = 0.5}}, x, labels, 0.25f);
  const LossAndGradient largest = ComputeLoss(
      GetParam(), {.kind = HingeSpec{.margin = 0.5}}, x, labels, 0.25f);
  LENSLET_EXPECT_OK(AllClose(sum.losses, largest.losses));
  LENSLET_EXPECT_OK(AllClose(sum.dx, largest.dx));
}

TEST_P(SumHingeTest, OfLargeScoresAndOfOneClass) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), {.kind = SumHingeSpec()},
      Tensor::Of({2, 3}, {1e30f, -1e30f, 0, 1e30f, -1e30f, 0}), {1, 0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {3e30f, 0}),
                             {.relative = 2 * 0x1p-24}));
  LENSLET_EXPECT_OK(
      AllClose(result.dx, Tensor::Of({2, 3}, {1, -2, 1, 0, 0, 0})));
  const LossAndGradient one =
      ComputeLoss(GetParam(), {.kind = SumHingeSpec()},
                  Tensor::Of({2, 1}, {-5, NAN}), {0, 0}, 1);
  EXPECT_EQ(one.losses.data()[0], 0);
  EXPECT_TRUE(std::isnan(one.losses.data()[1]));
  EXPECT_EQ(one.dx.data()[0], 0);
}

// After a rival that is a NaN, before one, and of a label that is one.
TEST_P(SumHingeTest, OfANaNIsNaN) {
  const LossAndGradient result = ComputeLoss(
      GetParam(), {.kind = SumHingeSpec()},
      Tensor::Of({3, 3}, {NAN, 1, 0, 0, 1, NAN, NAN, 1, 2}), {1, 1, 0}, 1);
  for (float loss : result.losses.span()) EXPECT_TRUE(std::isnan(loss));
}

TEST_P(SumHingeTest, AgreesWithReference) {
  // Each term has the roundings of a margin, a difference and a sum, of numbers
  // up to 11, and there are so many terms to add up. The gradient has no
  // rounding.
  CheckLossAgainstReference(
      Factory(SumHingeSpec{.margin = 0.3}), GetParam(),
      [](int64_t classes) { return 3.0 + classes; }, /*absolute=*/33,
      /*gradient_absolute=*/0);
}

// The focal loss.

class FocalTest : public BackendTest {};

INSTANTIATE_TEST_SUITE_P(Backends, FocalTest, ::testing::ValuesIn(kBackends),
                         NameOfBackend);

// The roundings of a focal loss relative to itself, for scores in [-5, 5] and
// logarithms l up to 10 + log(classes). The sums have 8 + sqrt(classes), their
// logarithms these and 10 l or 6 + 2 l. With a gamma up to 2, the exponential
// has 8 roundings, twice those of two logarithms, and two of its argument.
double FocalRoundings(int64_t classes) {
  const double l = 10 + std::log(static_cast<double>(classes));
  const double sums = 8 + std::sqrt(static_cast<double>(classes));
  return 8 + 2 * (2 * sums + 6 + 2 * l + 10 * l) + 4 * l + sums + 10 + 4;
}

// p is 1/8, 2/8, 5/8. With a gamma of 2:
//
//   label  1 - p  loss                     dx of the label
//   2      3/8    9/64 log(8/5)            -9/64 (3/8 + 2 * 5/8 log(8/5))
//   0      7/8    49/64 log(8)             -49/64 (7/8 + 2 * 1/8 log(8))
//
// The others share it in the ratio of their probabilities.
TEST_P(FocalTest, ByHand) {
  const float log2 = std::log(2.0f);
  const float log5 = std::log(5.0f);
  const LossAndGradient result = ComputeLoss(
      GetParam(), {.kind = FocalSpec()},
      Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5}), {2, 0}, 2);
  const Tolerance tolerance = {.relative = FocalRoundings(3) * 0x1p-24};
  LENSLET_EXPECT_OK(AllClose(
      result.losses,
      Tensor::Of({2}, {std::log(1.6f) * 9 / 64, std::log(8.0f) * 49 / 64}),
      tolerance));
  const float a = 2 * 9 / 64.0f * (0.375f + 1.25f * std::log(1.6f));
  const float b = 2 * 49 / 64.0f * (0.875f + 0.25f * std::log(8.0f));
  LENSLET_EXPECT_OK(AllClose(
      result.dx,
      Tensor::Of({2, 3}, {a / 3, a * 2 / 3, -a, -b, b * 2 / 7, b * 5 / 7}),
      tolerance));
}

TEST_P(FocalTest, WithAGammaOfZeroIsCrossEntropy) {
  Tensor x({19, 5});
  Random random(/*seed=*/3);
  FillUniform(-5, 5, random, x.span());
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < 19; ++n) labels.push_back(n % 5);
  const LossAndGradient focal = ComputeLoss(
      GetParam(), {.kind = FocalSpec{.gamma = 0}}, x, labels, 0.25f);
  const LossAndGradient plain = ComputeLoss(GetParam(), {}, x, labels, 0.25f);
  const Tolerance tolerance = {.absolute = 32 * 0x1p-24,
                               .relative = 32 * 0x1p-24};
  LENSLET_EXPECT_OK(AllClose(focal.losses, plain.losses, tolerance));
  LENSLET_EXPECT_OK(AllClose(focal.dx, plain.dx, tolerance));
}

// The gradient of a label that is sure is 0, for any gamma, and that of one
// that is surely wrong is cross-entropy's.
TEST_P(FocalTest, OfLargeScoresAndOfOneClass) {
  for (const double gamma : {0.0, 0.1, 1.0, 5.0}) {
    SCOPED_TRACE(gamma);
    const LossSpec spec = {.kind = FocalSpec{.gamma = gamma}};
    const LossAndGradient result = ComputeLoss(
        GetParam(), spec,
        Tensor::Of({5, 2},
                   {1e30f, -1e30f, 1e30f, -1e30f, 1000, 0, 200, 0, 0, 200}),
        {1, 0, 0, 1, 1}, 1);
    const Tolerance tolerance = {.absolute = 1e-30, .relative = 4 * 0x1p-24};
    LENSLET_EXPECT_OK(AllClose(
        result.losses, Tensor::Of({5}, {2e30f, 0, 0, 200, 0}), tolerance));
    LENSLET_EXPECT_OK(AllClose(
        result.dx, Tensor::Of({5, 2}, {1, -1, 0, 0, 0, 0, 1, -1, 0, 0}),
        tolerance));
    const LossAndGradient one =
        ComputeLoss(GetParam(), spec, Tensor::Of({1, 1}, {5}), {0}, 1);
    LENSLET_EXPECT_OK(AllClose(one.losses, Tensor::Of({1}, {0})));
    LENSLET_EXPECT_OK(AllClose(one.dx, Tensor::Of({1, 1}, {0})));
  }
}

TEST_P(FocalTest, AgreesWithReference) {
  for (const double gamma : {0.0, 0.5, 2.0}) {
    SCOPED_TRACE(gamma);
    // Losses that are smaller than the roundings of log 1 are only as good as
    // these.
    CheckLossAgainstReference(Factory(FocalSpec{.gamma = gamma}), GetParam(),
                              FocalRoundings, /*absolute=*/0.1,
                              /*gradient_absolute=*/0.1);
  }
}

TEST_P(FocalTest, Gradient) {
  for (const double gamma : {0.0, 1.0, 2.0}) {
    SCOPED_TRACE(gamma);
    Tensor x({3, 4});
    Random random(/*seed=*/9);
    FillUniform(-1, 1, random, x.span());
    // The third derivatives are below 1; the losses are below 4.
    CheckLossGradient(
        **MakeLossKernel(GetParam(), {.kind = FocalSpec{.gamma = gamma}}, {4},
                         3),
        std::move(x), {3, 0, 1}, /*step=*/0x1p-6, /*third_derivative=*/1,
        /*roundings=*/4 * FocalRoundings(4));
  }
}

// All losses.

struct LossCase {
  Backend backend;
  LossKind kind;
};

std::vector<LossCase> Cases() {
  std::vector<LossCase> cases;
  for (Backend backend : kBackends) {
    for (const LossKind& kind : kKinds) cases.push_back({backend, kind});
  }
  return cases;
}

class LossTest : public ::testing::TestWithParam<LossCase> {
 protected:
  LossSpec Spec(std::vector<float> weights) const {
    return {.kind = GetParam().kind, .class_weights = std::move(weights)};
  }
};

INSTANTIATE_TEST_SUITE_P(BackendsAndKinds, LossTest,
                         ::testing::ValuesIn(Cases()), [](const auto& info) {
                           return absl::StrCat(Name(info.param.backend), "_",
                                               Name(info.param.kind));
                         });

// An image's loss and its gradient, as computed by hand.
struct ByHand {
  LossKind kind;
  std::array<float, 3> x;
  int32_t label;
  float loss;
  std::array<float, 3> dx;
};

//   scores            label  weight  loss          gradient
//   log 1 2 5         2      3       log(8/5)      1/8  2/8 -3/8
//   (cross-entropy)   0      0
//   1 0 1/2           1      2       3/4           2/3 -2/3  1/3
//   (squared error)   0      0
//   2 1 3/2           1      2       2             1 -1 0
//   (hinge)           0      0
//   2 1 3/2           1      2       2 + 3/2       1 -2 1
//   (sum of hinges)   0      0
//
// Loss and gradient are then multiplied by the weight; the gradients here are
// of three times the losses.
const float kFocalSlope = (0.375f + 1.25f * std::log(1.6f)) * 9 / 64;
const ByHand kWeightedByHand[] = {
    {CrossEntropySpec{},
     {0, std::log(2.0f), std::log(5.0f)},
     2,
     3 * std::log(1.6f),
     {1.125, 2.25, -3.375}},
    {MeanSquaredErrorSpec{}, {1, 0, 0.5}, 1, 1.5, {4, -4, 2}},
    {HingeSpec{}, {2, 1, 1.5}, 1, 4, {6, -6, 0}},
    {SumHingeSpec{}, {2, 1, 1.5}, 1, 7, {6, -12, 6}},
    // 1 - p is 3/8. dx of the label: -9/64 (3/8 + 2 * 5/8 log(8/5)).
    {FocalSpec{},
     {0, std::log(2.0f), std::log(5.0f)},
     2,
     3 * std::log(1.6f) * 9 / 64,
     {3 * kFocalSlope, 6 * kFocalSlope, -9 * kFocalSlope}},
};
static_assert(std::size(kWeightedByHand) == std::size(kKinds));

TEST_P(LossTest, ByHandWithWeights) {
  const auto* hand =
      std::find_if(std::begin(kWeightedByHand), std::end(kWeightedByHand),
                   [](const ByHand& h) {
                     return h.kind.index() == GetParam().kind.index();
                   });
  ASSERT_NE(hand, std::end(kWeightedByHand));
  const auto& [kind, x, label, loss, dx] = *hand;
  const LossAndGradient result = ComputeLoss(
      GetParam().backend, {.kind = kind, .class_weights = {0, 2, 3}},
      Tensor::Of({2, 3}, {x[0], x[1], x[2], x[0], x[1], x[2]}), {label, 0}, 3);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({2}, {loss, 0}),
                             {.relative = kEightRoundings.relative}));
  LENSLET_EXPECT_OK(AllClose(result.dx,
                             Tensor::Of({2, 3}, {dx[0], dx[1], dx[2], 0, 0, 0}),
                             {.relative = kEightRoundings.relative}));
}

TEST_P(LossTest, WeightsOfOneChangeNothing) {
  Tensor x({19, 5});
  Random random(/*seed=*/3);
  FillUniform(-1e4, 1e4, random, x.span());
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < 19; ++n) labels.push_back(n % 5);
  const LossAndGradient plain =
      ComputeLoss(GetParam().backend, Spec({}), x, labels, 0.5f);
  const LossAndGradient weighted =
      ComputeLoss(GetParam().backend, Spec({1, 1, 1, 1, 1}), x, labels, 0.5f);
  LENSLET_EXPECT_OK(AllClose(weighted.losses, plain.losses));
  LENSLET_EXPECT_OK(AllClose(weighted.dx, plain.dx));
}

TEST_P(LossTest, ANaNIsNotHidden) {
  const Tensor x =
      Tensor::Of({4, 3}, {NAN, 1, 0, 0, NAN, 1, 1, 0, NAN, 0, 1, 2});
  const LossAndGradient result =
      ComputeLoss(GetParam().backend, Spec({1, 0, 2}), x, {1, 1, 0, 1}, 1);
  for (int n : {0, 1, 2}) {
    EXPECT_TRUE(std::isnan(result.losses.data()[n])) << n;
  }
  EXPECT_EQ(result.losses.data()[3], 0);
}

TEST_P(LossTest, AgreesWithReference) {
  const LossFactory make = [&](Backend backend, int64_t classes,
                               int64_t images) {
    std::vector<float> weights;
    for (int64_t k = 0; k < classes; ++k) {
      weights.push_back(static_cast<float>((k + 1) % 3));
    }
    return MakeLossKernel(backend, Spec(weights), {classes}, images);
  };
  // The exponential's 8 roundings, or fewer operations, and a sum of so many
  // terms; losses are of numbers up to 10, three roundings each in a sum of
  // hinges, and gradients of ones up to 1/4, in weights up to 2.
  const bool is_focal = std::holds_alternative<FocalSpec>(GetParam().kind);
  CheckLossAgainstReference(
      make, GetParam().backend,
      [&](int64_t classes) {
        return 12.0 + classes + (is_focal ? FocalRoundings(classes) : 0);
      },
      /*absolute=*/
      std::holds_alternative<SumHingeSpec>(GetParam().kind) ? 66 : 20,
      /*gradient_absolute=*/0.5);
}

// Scores apart by 1/4, and a margin that is no multiple of it: no kink of the
// hinge loss is as near as the step.
TEST_P(LossTest, Gradient) {
  const Tensor x = Tensor::Of(
      {4, 4}, {0.5, 0.25, 1, 0, 0.75, 0, 0.25, 1, 0, 0.5, 1, 0.25, 2, 0, 1, 3});
  Tensor scores(x.shape());
  for (int i = 0; i < 16; ++i) scores.data()[i] = x.data()[i];
  // Weights up to 3 multiply the third derivative, below 1/4 for log-sum-exp
  // and below 1 for the focal loss, and the roundings of some 16 operations, or
  // of the focal loss's, with numbers up to 4, of which a sum adds three.
  const bool is_focal = std::holds_alternative<FocalSpec>(GetParam().kind);
  CheckLossGradient(
      **MakeLossKernel(GetParam().backend, Spec({0, 1, 0.5, 3}), {4}, 4),
      std::move(scores), {0, 1, 2, 3}, /*step=*/0x1p-6,
      /*third_derivative=*/3 * (is_focal ? 1 : 0.25),
      /*roundings=*/3 * 4 * (is_focal ? FocalRoundings(4) : 3 * 16));
}

TEST_P(LossTest, TheSimpleCall) {
  const std::vector<int32_t> labels = {0, 3};
  const LossSpec spec = Spec({2, 0, 0, 1});
  const Tensor x = Tensor::Of({2, 4}, {1, 2, 3, 4, 5, 6, 7, 9});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor losses, ComputeLosses(x, labels, spec, GetParam().backend));
  LENSLET_EXPECT_OK(AllClose(
      losses, ComputeLoss(GetParam().backend, spec, x, labels, 1).losses));
}

// Of scores that are all 0.
TEST(ComputeLossesTest, ByHand) {
  for (Backend backend : kBackends) {
    SCOPED_TRACE(Name(backend));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor losses, ComputeLosses(Tensor({2, 10}),
                                     std::vector<int32_t>{0, 9}, {}, backend));
    const float log10 = std::log(10.0f);
    LENSLET_EXPECT_OK(
        AllClose(losses, Tensor::Of({2}, {log10, log10}), kEightRoundings));
    const std::vector<int32_t> labels = {0, 3};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        losses, ComputeLosses(Tensor({2, 4}), labels,
                              {.kind = MeanSquaredErrorSpec{}}, backend));
    LENSLET_EXPECT_OK(AllClose(losses, Tensor::Of({2}, {0.25, 0.25})));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        losses, ComputeLosses(Tensor({2, 4}), labels,
                              {.kind = HingeSpec{.margin = 0.5}}, backend));
    LENSLET_EXPECT_OK(AllClose(losses, Tensor::Of({2}, {0.5, 0.5})));
  }
}

TEST(SoftmaxTest, OfLogarithmsAreTheirShares) {
  const Tensor x = Tensor::Of(
      {2, 3}, {0, std::log(2.0f), std::log(5.0f), -1000, 1000, -1000});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor p, Softmax(x));
  LENSLET_EXPECT_OK(AllClose(
      p, Tensor::Of({2, 3}, {0.125, 0.25, 0.625, 0, 1, 0}), kEightRoundings));
}

TEST(SimpleCallsRejectedTest, NameTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const std::vector<int32_t> labels = {0, 3};
  EXPECT_THAT(Softmax(Tensor({3})),
              StatusIs(code, HasSubstr("x is float32 [3]; expected float32 [N, "
                                       "classes]")));
  EXPECT_THAT(Softmax(Tensor({2, 0})),
              StatusIs(code, HasSubstr("shape [2, 0] holds no elements")));
  for (const LossKind& kind : kKinds) {
    EXPECT_THAT(ComputeLosses(Tensor({3, 4}), labels, {.kind = kind}),
                StatusIs(code, HasSubstr("there are 2 labels; expected 3, one "
                                         "for each row of x of shape [3, 4]")));
    EXPECT_THAT(
        ComputeLosses(Tensor({2, 3}), labels, {.kind = kind}),
        StatusIs(code, HasSubstr("label 1 is 3; expected a number in [0, "
                                 "3)")));
  }
}

TEST(LossRejectedTest, NamesTheFieldAndItsValue) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const auto expect_rejected = [&](const LossSpec& spec,
                                   const std::string& message) {
    EXPECT_THAT(CheckLoss(spec, TargetKind::kClasses, {3}),
                StatusIs(code, HasSubstr(message)));
    for (Backend backend : kBackends) {
      EXPECT_THAT(MakeLossKernel(backend, spec, {3}, 1),
                  StatusIs(code, HasSubstr(message)));
    }
  };
  for (double smoothing : {-0.1, 1.0, double{NAN}}) {
    expect_rejected({.kind = CrossEntropySpec{.label_smoothing = smoothing}},
                    absl::StrCat("label_smoothing is ", smoothing,
                                 "; expected a number in [0, 1)"));
  }
  for (double margin : {0.0, -1.0, 1e39, double{INFINITY}, double{NAN}}) {
    expect_rejected(
        {.kind = HingeSpec{.margin = margin}},
        absl::StrCat("margin is ", margin, "; expected a positive float"));
  }
  for (double margin : {0.0, double{NAN}}) {
    expect_rejected(
        {.kind = SumHingeSpec{.margin = margin}},
        absl::StrCat("margin is ", margin, "; expected a positive float"));
  }
  for (double gamma : {-0.5, double{INFINITY}, double{NAN}}) {
    expect_rejected(
        {.kind = FocalSpec{.gamma = gamma}},
        absl::StrCat("gamma is ", gamma, "; expected a float of at least 0"));
  }
  expect_rejected({.class_weights = {1, 2}},
                  "class_weight has 2 numbers; expected 3, one for each class");
  expect_rejected(
      {.class_weights = {1, -2, 1}},
      "class_weight[1] is -2; expected a finite number of at least 0");
  expect_rejected({.class_weights = {1, 2, INFINITY}},
                  "class_weight[2] is inf; expected a finite");
  expect_rejected({.class_weights = {NAN, 2, 1}},
                  "class_weight[0] is nan; expected a finite");
  expect_rejected({.class_weights = {0, 0, 0}}, "class_weight is all 0");
  for (const LossKind& kind : kKinds) {
    for (Backend backend : kBackends) {
      EXPECT_THAT(MakeLossKernel(backend, {.kind = kind}, {0}, 1),
                  StatusIs(code, HasSubstr(absl::StrCat(
                                     Name(kind),
                                     " over 0 classes; expected at least 1"))));
      EXPECT_THAT(MakeLossKernel(backend, {.kind = kind}, {}, 1),
                  StatusIs(code, HasSubstr("over an output of shape []; "
                                           "expected [classes] or [..., "
                                           "classes]")));
      EXPECT_THAT(MakeLossKernel(backend, {.kind = kind}, {0, 2}, 1),
                  StatusIs(code, HasSubstr("over an output of shape [0, 2], "
                                           "which holds no elements")));
    }
    LENSLET_EXPECT_OK(CheckLoss({.kind = kind, .class_weights = {0, 1}},
                                TargetKind::kClasses, {2}));
  }
}

TEST(LossCostTest, IsOfOneImage) {
  const auto operations = [](const LossKind& kind) {
    const Cost cost = *ComputeCost({.kind = kind}, TargetKind::kClasses, {10});
    EXPECT_EQ(cost.bytes(), (10 + 1) * 4);
    return cost.other_operations;
  };
  EXPECT_EQ(operations(CrossEntropySpec{}), 10);
  EXPECT_EQ(operations(MeanSquaredErrorSpec{}), 30);
  EXPECT_EQ(operations(HingeSpec{}), 10);
  EXPECT_EQ(operations(SumHingeSpec{}), 30);
  EXPECT_EQ(operations(FocalSpec{}), 20);
}

}  // namespace
}  // namespace lenslet
