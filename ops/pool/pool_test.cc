#include "lenslet/ops/pool/pool.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;

class PoolBackendTest : public ::testing::TestWithParam<Backend> {
 protected:
  PoolOptions Options(PoolOptions options = {}) {
    options.backend = GetParam();
    return options;
  }

  // By x, of one image and one channel; of one output, of which the gradient is
  // dy.
  Tensor Gradient(const PoolSpec& spec, const Tensor& x, float dy) {
    const Shape image = {x.shape().dim(1), x.shape().dim(2), 1};
    const Tensor output_gradient = Tensor::Of({1, 1, 1, 1}, {dy});
    Tensor y({1, 1, 1, 1});
    Tensor dx(x.shape());
    auto kernel = *MakePoolKernel(GetParam(), spec, image, 1);
    kernel =
        AdaptLayout(Layout::kImages, std::move(kernel), {image}, {1, 1, 1}, 1);
    LENSLET_EXPECT_OK(kernel->Bind({.inputs = {x.data()},
                                    .parameters = {},
                                    .output = y.data(),
                                    .output_gradient = output_gradient.data(),
                                    .input_gradients = {dx.data()}}));
    kernel->Forward(1);
    kernel->Backward(1, {});
    return dx;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, PoolBackendTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// Those that have what XNNPACK lacks.
class PoolPastXnnpackTest : public PoolBackendTest {};

INSTANTIATE_TEST_SUITE_P(Backends, PoolPastXnnpackTest,
                         ::testing::Values(Backend::kReference, Backend::kLanes,
                                           Backend::kDirect),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// Wherever it is in the window; there, its gradient is that of its tap.
TEST(PoolTest, NanIsAnExtremeByTheReference) {
  const Backend backend = Backend::kReference;
  for (int tap = 0; tap < 4; ++tap) {
    for (const float inf : {-INFINITY, INFINITY}) {
      Tensor x = Tensor::Of({1, 2, 2, 1}, {inf, -1, 2, -inf});
      x.data()[tap] = NAN;
      const auto max = MaxPool2d(x, {2, 2}, {.backend = backend});
      const auto min = MinPool2d(x, {2, 2}, {.backend = backend});
      EXPECT_THAT(max->span(), ElementsAre(IsNan())) << tap;
      EXPECT_THAT(min->span(), ElementsAre(IsNan())) << tap;
    }
  }
}

#if defined(__x86_64__)
// A softmax has a maximum, which elsewhere may be the number, of a number and a
// NaN.
TEST_P(PoolPastXnnpackTest, NanStaysNanInAMean) {
  for (int tap = 0; tap < 4; ++tap) {
    Tensor x = Tensor::Of({1, 2, 2, 1}, {3, -1, 2, 5});
    x.data()[tap] = NAN;
    const auto average = AvgPool2d(x, {2, 2}, Options());
    const auto softmax = SoftmaxPool2d(x, {2, 2}, Options());
    EXPECT_THAT(average->span(), ElementsAre(IsNan())) << tap;
    EXPECT_THAT(softmax->span(), ElementsAre(IsNan())) << tap;
  }
}
#endif

// By hand:
//
//   0 1 2                 4 5             (0+1+3+4)/4  (1+2+4+5)/4     2 3
//   3 4 5     maximum:    7 8    average: (3+4+6+7)/4  (4+5+7+8)/4  =  5 6
//   6 7 8
TEST_P(PoolBackendTest, TakesTheMaximumOrTheAverageOfEachWindow) {
  const Tensor x = Iota({1, 3, 3, 1});
  const PoolOptions options = Options({.stride = {1, 1}});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor max, MaxPool2d(x, {2, 2}, options));
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor average, AvgPool2d(x, {2, 2}, options));
  LENSLET_EXPECT_OK(AllClose(max, Tensor::Of({1, 2, 2, 1}, {4, 5, 7, 8})));
  LENSLET_EXPECT_OK(AllClose(average, Tensor::Of({1, 2, 2, 1}, {2, 3, 5, 6})));
}

// The book's 4x4 image of 0..15. The stride is the window's size by default.
TEST_P(PoolBackendTest, StridesAndPads) {
  const Tensor x = Iota({1, 4, 4, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, MaxPool2d(x, {3, 3}, Options()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 1, 1}, {10})));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, MaxPool2d(x, {3, 3}, Options({.stride = {2, 2}, .padding = {1, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {5, 7, 13, 15})));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, MaxPool2d(x, {2, 3}, Options({.stride = {2, 3}, .padding = {0, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {5, 7, 13, 15})));
}

// Channels [0..15] and [1..16] do not mix.
TEST_P(PoolBackendTest, PoolsEachChannelOnItsOwn) {
  Tensor x({1, 4, 4, 2});
  for (int i = 0; i < 16; ++i) {
    x.data()[2 * i] = i;
    x.data()[2 * i + 1] = i + 1;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      MaxPool2d(x, {3, 3}, Options({.stride = {2, 2}, .padding = {1, 1}})));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 2, 2, 2}, {5, 6, 7, 8, 13, 14, 15, 16})));
}

// Padding never wins over negative numbers.
TEST_P(PoolBackendTest, LeavesPaddingOutOfAMaximum) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, MaxPool2d(Tensor::Of({1, 1, 2, 1}, {-3, -5}), {1, 2},
                          Options({.stride = {1, 1}, .padding = {0, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 3, 1}, {-3, -3, -5})));
}

TEST(PoolTest, AnAverageCountsPaddingOrNot) {
  const Tensor x = Tensor::Of({1, 1, 2, 1}, {6, 12});
  const PoolOptions options = {.stride = {1, 1}, .padding = {0, 1}};
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor counted, AvgPool2d(x, {1, 2}, options));
  LENSLET_EXPECT_OK(AllClose(counted, Tensor::Of({1, 1, 3, 1}, {3, 9, 6})));
  for (Backend backend : kBackends) {
    PoolOptions uncounted = options;
    uncounted.count_padding = false;
    uncounted.backend = backend;
    LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, AvgPool2d(x, {1, 2}, uncounted));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 3, 1}, {6, 9, 12})));
  }
}

// Of each window, the number in its upper left corner.
TEST_P(PoolPastXnnpackTest, TakesTheMinimumOfEachWindow) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      MinPool2d(Iota({1, 3, 3, 1}), {2, 2}, Options({.stride = {1, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {0, 1, 3, 4})));
  // Padding never wins over positive numbers.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, MinPool2d(Tensor::Of({1, 1, 2, 1}, {3, 5}), {1, 2},
                   Options({.stride = {1, 1}, .padding = {0, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 3, 1}, {3, 3, 5})));
}

TEST_P(PoolPastXnnpackTest, AMinimumIsAMaximumOfNegatives) {
  Tensor x({2, 5, 6, 3});
  Random random(/*seed=*/1);
  FillUniform(-1, 1, random, x.span());
  Tensor negative = x.Clone();
  for (float& value : negative.span()) value = -value;
  const PoolOptions options =
      Options({.stride = {2, 1}, .padding = {{1, 0}, {0, 1}}});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor min, MinPool2d(x, {3, 2}, options));
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor max,
                               MaxPool2d(negative, {3, 2}, options));
  for (float& value : max.span()) value = -value;
  LENSLET_EXPECT_OK(AllClose(min, max, {}));
}

// Scores below are at most 3, so that a weight errs by 8 + 3 * 3 roundings, a
// probability by twice that, and what is computed from some, by less than this.
constexpr double kSoftmaxError = 64 * 0x1p-24;

// By hand, with l = ln 3:
//   0 l    temperature 1:    weights 1 3    y = 3/4 l
//          temperature 1/2:  weights 1 9    y = 9/10 l
TEST_P(PoolPastXnnpackTest, WeighsBySoftmax) {
  const float l = std::log(3.0f);
  const Tensor x = Tensor::Of({1, 1, 2, 1}, {0, l});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, SoftmaxPool2d(x, {1, 2}, Options()));
  EXPECT_NEAR(y.data()[0], 0.75 * std::log(3.0), kSoftmaxError);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, SoftmaxPool2d(x, {1, 2}, Options({.temperature = 0.5})));
  EXPECT_NEAR(y.data()[0], 0.9 * std::log(3.0), kSoftmaxError);
  // Padding has no weight.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, SoftmaxPool2d(Tensor::Of({1, 1, 1, 1}, {-3}), {1, 2},
                       Options({.padding = {{0, 0}, {0, 1}}})));
  EXPECT_EQ(y.data()[0], -3);
}

// By hand: the probabilities are 1/4 and 3/4, y = 3/4 l, and so
//   dx = dy * 1/4 * (1 - 3/4 l),  dy * 3/4 * (1 + 1/4 l)
TEST_P(PoolPastXnnpackTest, TheGradientOfASoftmax) {
  if (!CanTrain(GetParam())) GTEST_SKIP() << "for inference only";
  const double l = std::log(3.0);
  const PoolSpec spec = {.kind = PoolKind::kSoftmax,
                         .window = {.kernel = {1, 2}}};
  const Tensor dx =
      Gradient(spec, Tensor::Of({1, 1, 2, 1}, {0, std::log(3.0f)}), 2);
  EXPECT_NEAR(dx.data()[0], 2 * 0.25 * (1 - 0.75 * l), kSoftmaxError);
  EXPECT_NEAR(dx.data()[1], 2 * 0.75 * (1 + 0.25 * l), kSoftmaxError);
}

// Divided by such temperatures, numbers are beyond what a float holds, and by
// the last ones, a double.
TEST_P(PoolPastXnnpackTest, ASoftmaxBecomesTheMaximumAsTheTemperatureFalls) {
  const Tensor large = Tensor::Of({1, 2, 2, 1}, {-1e30f, 3e30f, 1e30f, 0.5f});
  const Tensor small = Tensor::Of({1, 2, 2, 1}, {1, 0.5f, 0.75f, -8});
  const PoolSpec max = {.window = {.kernel = {2, 2}}};
  for (const double temperature : {1e-3, 1e-30, 1e-300, 5e-324}) {
    SCOPED_TRACE(temperature);
    const PoolSpec softmax = {.kind = PoolKind::kSoftmax,
                              .window = {.kernel = {2, 2}},
                              .temperature = temperature};
    for (const Tensor* x : {&large, &small}) {
      // The other taps' weights are e^-87 or less.
      LENSLET_EXPECT_OK(AllClose(*Pool(*x, softmax, GetParam()),
                                 *Pool(*x, max, GetParam()),
                                 {.relative = 0x1p-23}));
      if (!CanTrain(GetParam())) continue;
      LENSLET_EXPECT_OK(AllClose(Gradient(softmax, *x, 3), Gradient(max, *x, 3),
                                 {.absolute = 1e-30, .relative = 0x1p-22}));
    }
  }
}

TEST_P(PoolPastXnnpackTest, ASoftmaxBecomesTheAverageAsTheTemperatureGrows) {
  const Tensor x = Iota({1, 4, 4, 1});
  for (const double temperature : {1e9, 1e30, 1e300}) {
    SCOPED_TRACE(temperature);
    const PoolOptions options = Options({.stride = {1, 1},
                                         .padding = {1, 0},
                                         .count_padding = false,
                                         .temperature = temperature});
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor softmax,
                                 SoftmaxPool2d(x, {2, 3}, options));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor average,
                                 AvgPool2d(x, {2, 3}, options));
    // Weights are within 15 / 1e9 of 1, and numbers at most 15.
    LENSLET_EXPECT_OK(
        AllClose(softmax, average, {.absolute = 15 * (15e-9 + kSoftmaxError)}));
  }
}

// By hand. Rounded down, the last number is left out:
//   [1 2] [3 4] 5        maximum 2 4      average 3/2 7/2
// and rounded up, the last window has one number:
//   [1 2] [3 4] [5  ]    maximum 2 4 5    average 3/2 7/2 5
TEST_P(PoolBackendTest, RoundsTheOutputDownOrUp) {
  const Tensor x = Tensor::Of({1, 5, 1}, {1, 2, 3, 4, 5});
  const auto expect = [&](PoolKind kind, Rounding rounding, const Tensor& y) {
    const PoolSpec spec = {
        .kind = kind, .window = {.kernel = {2}}, .rounding = rounding};
    LENSLET_EXPECT_OK(AllClose(*Pool(x, spec, GetParam()), y));
  };
  expect(PoolKind::kMax, Rounding::kFloor, Tensor::Of({1, 2, 1}, {2, 4}));
  expect(PoolKind::kMax, Rounding::kCeil, Tensor::Of({1, 3, 1}, {2, 4, 5}));
  expect(PoolKind::kAverage, Rounding::kFloor,
         Tensor::Of({1, 2, 1}, {1.5, 3.5}));
  expect(PoolKind::kAverage, Rounding::kCeil,
         Tensor::Of({1, 3, 1}, {1.5, 3.5, 5}));
}

// By hand; a dot is a padding zero, and a cross lies beyond the padding, where
// nothing counts:
//   . 1 2 3 4 . x    in windows    [. 1 2] [2 3 4] [4 . x]
TEST_P(PoolPastXnnpackTest, WhatLiesBeyondThePaddingIsNotCounted) {
  const Tensor x = Tensor::Of({1, 4, 1}, {1, 2, 3, 4});
  PoolSpec spec = {.kind = PoolKind::kAverage,
                   .window = {.kernel = {3}, .stride = {2}, .padding = {1}},
                   .rounding = Rounding::kCeil};
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Pool(x, spec, GetParam()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 1}, {1, 3, 2})));
  spec.count_padding = false;
  LENSLET_ASSERT_OK_AND_ASSIGN(y, Pool(x, spec, GetParam()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 1}, {1.5, 3, 4})));
}

// By hand; windows share a number where the input is not cut evenly:
//   0 1 2 3 4 into 3:  [0 1] [1 2 3] [3 4]
//   6 12      into 3:  [6] [6 12] [12]
//   0 1 2     into 2 x 2:  rows [0] [1], columns [0 1] [1 2]
//   3 4 5
TEST_P(PoolPastXnnpackTest, AdaptsWindowsToTheOutput) {
  const auto expect = [&](PoolKind kind, const Tensor& x, const Axes& output,
                          const Tensor& y) {
    LENSLET_EXPECT_OK(
        AllClose(*Pool(x, {.kind = kind, .output = output}, GetParam()), y));
  };
  const Tensor row = Iota({1, 5, 1});
  expect(PoolKind::kMax, row, {3}, Tensor::Of({1, 3, 1}, {1, 3, 4}));
  expect(PoolKind::kMin, row, {3}, Tensor::Of({1, 3, 1}, {0, 1, 3}));
  expect(PoolKind::kAverage, row, {3}, Tensor::Of({1, 3, 1}, {0.5, 2, 3.5}));
  expect(PoolKind::kAverage, Tensor::Of({1, 2, 1}, {6, 12}), {3},
         Tensor::Of({1, 3, 1}, {6, 9, 12}));
  expect(PoolKind::kAverage, Iota({1, 2, 3, 1}), {2, 2},
         Tensor::Of({1, 2, 2, 1}, {0.5, 1.5, 3.5, 4.5}));
}

// Channels 0 2 4 ... 10 and 1 3 5 ... 11.
TEST_P(PoolBackendTest, PoolsAllOfAnImage) {
  const std::vector<Shape> shapes = {{1, 6, 2}, {1, 3, 2, 2}, {1, 1, 2, 3, 2}};
  for (const Shape& shape : shapes) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Tensor y,
        GlobalPool(PoolKind::kAverage, Iota(shape), GetParam()));
    EXPECT_EQ(y.shape().rank(), shape.rank());
    EXPECT_THAT(y.span(), ElementsAre(5, 6));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor max,
      GlobalPool(PoolKind::kMax, Iota({1, 3, 2, 2}), GetParam()));
  EXPECT_EQ(max.shape(), Shape({1, 1, 1, 2}));
  EXPECT_THAT(max.span(), ElementsAre(10, 11));
}

// Of equal taps, the first gets the gradient, and only it.
TEST_P(PoolBackendTest, GivesTheGradientOfATieToTheFirst) {
  if (!CanTrain(GetParam())) GTEST_SKIP() << "for inference only";
  const Tensor dx = Tensor::Of({1, 2, 2, 1}, {0, 3, 0, 0});
  const PoolSpec max = {.window = {.kernel = {2, 2}}};
  LENSLET_EXPECT_OK(
      AllClose(Gradient(max, Tensor::Of({1, 2, 2, 1}, {1, 7, 7, 7}), 3), dx));
  if (GetParam() == Backend::kXnnpack) return;
  const PoolSpec min = {.kind = PoolKind::kMin, .window = {.kernel = {2, 2}}};
  LENSLET_EXPECT_OK(
      AllClose(Gradient(min, Tensor::Of({1, 2, 2, 1}, {7, 1, 7, 1}), 3), dx));
}

}  // namespace
}  // namespace lenslet
