#include "ops/softmax_cross_entropy/softmax_cross_entropy.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tensor/all_close.h"
#include "tensor/fill.h"
#include "tensor/lanes.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

struct LossAndGradient {
  Tensor losses;
  Tensor dx;
};

LossAndGradient RunLoss(Backend backend, const Tensor& x,
                        const std::vector<int32_t>& labels, float scale) {
  const int64_t images = x.shape().dim(0);
  auto loss = *MakeSoftmaxCrossEntropy(backend, {.classes = x.shape().dim(1)},
                                       {x.shape().dim(1)}, images);
  LossAndGradient result = {Tensor({images}), Tensor(x.shape())};
  if (loss->layout() == Layout::kImages) {
    loss->Run(images, x.data(), labels.data(), scale, result.losses.data(),
              result.dx.data());
    return result;
  }
  const int64_t classes = x.shape().dim(1);
  Tensor lanes({RoomForImages(Layout::kLanes, images), classes});
  Tensor dx(lanes.shape());
  FillIota(1, dx.span());
  ImagesToLanes(images, classes, x.data(), lanes.data());
  loss->Run(images, lanes.data(), labels.data(), scale, result.losses.data(),
            dx.data());
  LanesToImages(images, classes, dx.data(), result.dx.data());
  return result;
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
  const LossAndGradient result =
      RunLoss(GetParam(), Tensor::Of({2, 3}, {0, log2, log5, 0, log2, log5}),
              {2, 0}, 2);
  LENSLET_EXPECT_OK(AllClose(result.losses,
                             Tensor::Of({2}, {std::log(1.6f), std::log(8.0f)}),
                             kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(
      result.dx, Tensor::Of({2, 3}, {0.25, 0.5, -0.75, -1.75, 0.5, 1.25}),
      kFewRoundings));
}

// Neither exp(1000) nor log(exp(-1000)) is a number that floats have.
TEST_P(SoftmaxCrossEntropyTest, IsStableForLargeNumbers) {
  const LossAndGradient result =
      RunLoss(GetParam(), Tensor::Of({2, 2}, {1000, 0, -1000, 0}), {1, 1}, 1);
  LENSLET_EXPECT_OK(
      AllClose(result.losses, Tensor::Of({2}, {1000, 0}), kFewRoundings));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({2, 2}, {1, -1, 0, 0}),
                             {.absolute = 1e-30}));
}

TEST_P(SoftmaxCrossEntropyTest, OfOneClassIsZero) {
  const LossAndGradient result =
      RunLoss(GetParam(), Tensor::Of({1, 1}, {5}), {0}, 1);
  LENSLET_EXPECT_OK(AllClose(result.losses, Tensor::Of({1}, {0})));
  LENSLET_EXPECT_OK(AllClose(result.dx, Tensor::Of({1, 1}, {0})));
}

struct Case {
  int64_t images;
  int64_t classes;
};

TEST_P(SoftmaxCrossEntropyTest, AgreesWithReference) {
  for (const Case& c : {Case{1, 2}, Case{3, 10}, Case{16, 17}, Case{5, 1000}}) {
    SCOPED_TRACE(c.classes);
    Tensor x({c.images, c.classes});
    Random random(/*seed=*/5);
    FillUniform(-5, 5, random, x.span());
    std::vector<int32_t> labels(c.images);
    for (int32_t& label : labels) {
      label = static_cast<int32_t>(random.Below(c.classes));
    }
    const LossAndGradient actual = RunLoss(GetParam(), x, labels, 0.25f);
    const LossAndGradient expected =
        RunLoss(Backend::kReference, x, labels, 0.25f);
    // XNNPACK's exponential is within 2 ulp; its sum of n terms in float adds
    // sqrt(n) roundings, all relative to p.
    const double relative = (8 + std::sqrt(c.classes)) * 0x1p-24;
    LENSLET_EXPECT_OK(AllClose(actual.losses, expected.losses,
                               {.absolute = relative, .relative = relative}));
    LENSLET_EXPECT_OK(AllClose(actual.dx, expected.dx,
                               {.absolute = 0x1p-24, .relative = relative}));
  }
}

TEST_P(SoftmaxCrossEntropyTest, Gradient) {
  constexpr int64_t kClasses = 10;
  constexpr uint64_t kSeed = 9;
  for (const double scale : {0.25, 1.0, 4.0}) {
    Tensor x({1, kClasses});
    Random random(kSeed);
    FillUniform(-scale, scale, random, x.span());
    const std::vector<int32_t> labels = {3};
    const Tensor dx = RunLoss(GetParam(), x, labels, 1).dx;
    const double step = 0x1p-6;
    for (int64_t k = 0; k < kClasses; ++k) {
      const float saved = x.data()[k];
      x.data()[k] = static_cast<float>(saved + step);
      const double above = RunLoss(GetParam(), x, labels, 1).losses.data()[0];
      x.data()[k] = static_cast<float>(saved - step);
      const double below = RunLoss(GetParam(), x, labels, 1).losses.data()[0];
      x.data()[k] = saved;
      // The third derivative of log-sum-exp is below 1/4; the losses, up to
      // log 10 + 2 scale, and x have the error of a few roundings.
      const double tolerance =
          step * step / 6 * 0.25 + 8 * 0x1p-24 * (3 + 2 * scale) / step;
      EXPECT_NEAR(dx.data()[k], (above - below) / (2 * step), tolerance)
          << "scale " << scale << ", seed " << kSeed << ", class " << k;
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
