// The book's section "Pooling" and its exercises, each statement a test.
// Numbers marked "book" stand in the book, those marked "derived" follow from
// it.

#include <algorithm>
#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/pool/pool_cost.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/chapter/matrix.h"

namespace lenslet {
namespace {

// What a backend lacks is computed by the reference, as executors do it.
absl::StatusOr<Tensor> PoolOn(Backend backend, const Tensor& x,
                              const PoolSpec& spec) {
  absl::StatusOr<Tensor> y = Pool(x, spec, backend);
  if (absl::IsUnimplemented(y.status())) {
    return Pool(x, spec, Backend::kReference);
  }
  return y;
}

class PoolingTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, PoolingTest, ::testing::ValuesIn(kBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// 0 to 15 as a 4x4 image.
Tensor X4() {
  return Matrix({{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}});
}

// Max and average 2x2 stride 1 of X3 (book): [[4,5],[7,8]], [[2,3],[5,6]].
TEST_P(PoolingTest, MaximumAndAverageOfX3) {
  PoolSpec spec = {.kind = PoolKind::kMax,
                   .window = {.kernel = {2, 2}, .stride = {1, 1}}};
  EXPECT_TRUE(Equals(PoolOn(GetParam(), X3(), spec), {{4, 5}, {7, 8}}));
  spec.kind = PoolKind::kAverage;
  EXPECT_TRUE(Equals(PoolOn(GetParam(), X3(), spec), {{2, 3}, {5, 6}}));
}

// 4x4 of 0..15: max 3; max 3 p1 s2; max (2,3) s(2,3) p(0,1) (book): [[10]];
// [[5,7],[13,15]]; [[5,7],[13,15]].
TEST_P(PoolingTest, MaximaOf16) {
  EXPECT_TRUE(
      Equals(PoolOn(GetParam(), X4(), {.window = {.kernel = {3, 3}}}), {{10}}));
  EXPECT_TRUE(Equals(
      PoolOn(
          GetParam(), X4(),
          {.window = {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}}),
      {{5, 7}, {13, 15}}));
  EXPECT_TRUE(Equals(
      PoolOn(
          GetParam(), X4(),
          {.window = {.kernel = {2, 3}, .stride = {2, 3}, .padding = {0, 1}}}),
      {{5, 7}, {13, 15}}));
}

// A second channel X+1 (book): [[6,8],[14,16]].
TEST_P(PoolingTest, EachChannelIsPooledForItself) {
  const Tensor x4 = X4();
  Tensor x({1, 4, 4, 2});
  for (int64_t i = 0; i < 16; ++i) {
    x.span()[2 * i] = x4.span()[i];
    x.span()[2 * i + 1] = x4.span()[i] + 1;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor y,
      PoolOn(
          GetParam(), x,
          {.window = {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}}));
  EXPECT_TRUE(Equals(Channel(y, 0), {{5, 7}, {13, 15}}));
  EXPECT_TRUE(Equals(Channel(y, 1), {{6, 8}, {14, 16}}));
}

// Average pooling is a convolution: equal.
TEST_P(PoolingTest, AveragePoolingIsAConvolution) {
  const Tensor x = RandomTensor({2, 7, 6, 1}, 1);
  const Tensor quarters = Matrix({{0.25f, 0.25f}, {0.25f, 0.25f}});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor y,
      Conv2d(x, quarters, {.stride = {2, 1}, .backend = GetParam()}));
  // Sums of four numbers below 1.
  EXPECT_TRUE(Equals(PoolOn(GetParam(), x,
                            {.kind = PoolKind::kAverage,
                             .window = {.kernel = {2, 2}, .stride = {2, 1}}}),
                     y, {.absolute = 4 * 6e-8}));
}

// Maximum pooling is not a convolution: counter-example [[9,8],[7,6]] with the
// kernel that picks one corner; but max(a,b) = relu(a-b)+b exactly.
//
// The kernel that gives the maximum of this image, its first corner, gives
// another number than the maximum when the image is turned around.
TEST_P(PoolingTest, MaximumPoolingIsNotAConvolution) {
  const Tensor corner = Matrix({{1, 0}, {0, 0}});
  const PoolSpec max = {.window = {.kernel = {2, 2}}};
  const Tensor image = Matrix({{9, 8}, {7, 6}});
  const Tensor turned = Matrix({{6, 7}, {8, 9}});
  EXPECT_TRUE(Equals(PoolOn(GetParam(), image, max), {{9}}));
  EXPECT_TRUE(Equals(Conv2d(image, corner, {.backend = GetParam()}), {{9}}));
  EXPECT_TRUE(Equals(PoolOn(GetParam(), turned, max), {{9}}));
  EXPECT_TRUE(Equals(Conv2d(turned, corner, {.backend = GetParam()}), {{6}}));
}

TEST_P(PoolingTest, AMaximumOfTwoIsARectifierAndASum) {
  for (const auto& [a, b] :
       {std::pair(3.0f, 5.0f), {5.0f, 3.0f}, {-2.0f, 0.5f}, {4.0f, 4.0f}}) {
    // a - b as a convolution of the row [a, b], then + b.
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Tensor difference,
        Conv2d(Matrix({{a, b}}), Matrix({{1, -1}}), {.backend = GetParam()}));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor positive,
                                 Relu(difference, GetParam()));
    EXPECT_EQ(positive.span()[0] + b, std::max(a, b));
  }
}

// Minimum pooling: -max(-x).
TEST_P(PoolingTest, MinimumIsTheNegativeMaximumOfTheNegative) {
  const Tensor x = RandomTensor({2, 5, 6, 3}, 2);
  Tensor negative = x.Clone();
  for (float& value : negative.span()) value = -value;
  PoolSpec spec = {
      .kind = PoolKind::kMax,
      .window = {
          .kernel = {3, 2}, .stride = {1, 2}, .padding = {{1, 0}, {0, 1}}}};
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor expected,
                               PoolOn(GetParam(), negative, spec));
  for (float& value : expected.span()) value = -value;
  spec.kind = PoolKind::kMin;
  EXPECT_TRUE(Equals(PoolOn(GetParam(), x, spec), expected));
}

// Softmax pooling with temperature: to max as T -> 0, to average as T ->
// infinity.
TEST_P(PoolingTest, SoftmaxGoesFromMaximumToAverage) {
  const Tensor x = RandomTensor({1, 6, 6, 2}, 3);
  const auto pool = [&](PoolKind kind, double temperature) {
    return PoolOn(GetParam(), x,
                  {.kind = kind,
                   .window = {.kernel = {2, 3}},
                   .temperature = temperature});
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor max, pool(PoolKind::kMax, 1));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor average,
                               pool(PoolKind::kAverage, 1));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor between,
                               pool(PoolKind::kSoftmax, 1));
  EXPECT_TRUE(Equals(pool(PoolKind::kSoftmax, 1e-4), max, {.absolute = 1e-5}));
  // x^2 / T is left of the difference.
  EXPECT_TRUE(
      Equals(pool(PoolKind::kSoftmax, 1e6), average, {.absolute = 3e-6}));
  for (int64_t i = 0; i < between.shape().elements(); ++i) {
    EXPECT_LT(between.span()[i], max.span()[i]);
    EXPECT_GT(between.span()[i], average.span()[i]);
  }
}

// Pooling cost for c, h x w, window p, padding, stride s, both conventions of
// 'padding' (per side, total): printed by the cost function; 3 channels, 8x8, p
// 2, s 2: 432 and 300.
TEST(PoolingTest, CostByBothConventionsOfPadding) {
  PoolCostInput formula = {.channels = 3,
                           .size = {8, 8},
                           .kernel = {2, 2},
                           .padding = {2, 2},
                           .stride = {2, 2},
                           .convention = PaddingConvention::kPerSide};
  LENSLET_ASSERT_OK_AND_ASSIGN(const int64_t per_side, PoolOperations(formula));
  EXPECT_EQ(per_side, 432);
  formula.convention = PaddingConvention::kTotal;
  LENSLET_ASSERT_OK_AND_ASSIGN(const int64_t total, PoolOperations(formula));
  EXPECT_EQ(total, 300);
}

// One-pixel shift of an edge before 2x2 max pooling: pooled output unchanged.
//
//   1 0 0 0      1 1 0 0      1 0
//   1 0 0 0  or  1 1 0 0  ->  1 0
TEST_P(PoolingTest, AShiftedEdgeIsPooledToTheSame) {
  const PoolSpec max = {.window = {.kernel = {2, 2}}};
  const Tensor edge = Matrix({{1, 0, 0, 0}, {1, 0, 0, 0}});
  const Tensor shifted = Matrix({{1, 1, 0, 0}, {1, 1, 0, 0}});
  EXPECT_TRUE(Equals(PoolOn(GetParam(), edge, max), {{1, 0}}));
  EXPECT_TRUE(Equals(PoolOn(GetParam(), shifted, max), {{1, 0}}));
}

}  // namespace
}  // namespace lenslet
