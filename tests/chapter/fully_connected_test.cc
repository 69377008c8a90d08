// The book's section "From fully connected layers to convolutions" and its
// exercises, each statement a test. Numbers marked "book" stand in the book,
// those marked "derived" follow from it.

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/chapter/matrix.h"

namespace lenslet {
namespace {

// Rounding of a sum of n products of numbers up to 1, twice.
Tolerance SumOf(int64_t n) {
  return {.absolute = 2 * n * 6e-8 * static_cast<double>(n)};
}

class FullyConnectedTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, FullyConnectedTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// A linear layer on images is a 4-D weight tensor: h_ij = sum_kl W_ijkl x_kl,
// re-indexed V_ijab = W_i,j,i+a,j+b: both forms equal the linear layer on the
// flattened image.
TEST_P(FullyConnectedTest, ALinearLayerOnImagesIsA4dWeightTensor) {
  constexpr int64_t kH = 3, kW = 2, kRows = 4, kColumns = 5;
  const Tensor x = RandomTensor({1, kRows * kColumns}, 1);
  const Tensor w = RandomTensor({kH * kW, kRows * kColumns}, 2);
  const auto weight = w.view().Reshape({kH, kW, kRows, kColumns});
  const auto image = x.view().Reshape({kRows, kColumns});
  Tensor sums({1, kH * kW});
  Tensor shifted({1, kH * kW});
  for (int64_t i = 0; i < kH; ++i) {
    for (int64_t j = 0; j < kW; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < kRows; ++k) {
        for (int64_t l = 0; l < kColumns; ++l) {
          sum += weight.at({i, j, k, l}) * image.at({k, l});
        }
      }
      sums.span()[i * kW + j] = static_cast<float>(sum);
      // V[i, j, a, b] multiplies the pixel (a, b) away from (i, j).
      const auto v = [&](int64_t a, int64_t b) {
        return weight.at({i, j, i + a, j + b});
      };
      sum = 0;
      for (int64_t a = -i; a < kRows - i; ++a) {
        for (int64_t b = -j; b < kColumns - j; ++b) {
          sum += v(a, b) * image.at({i + a, j + b});
        }
      }
      shifted.span()[i * kW + j] = static_cast<float>(sum);
    }
  }
  const auto y = Linear(x, w, GetParam());
  EXPECT_TRUE(Equals(y, sums, SumOf(kRows * kColumns)));
  EXPECT_TRUE(Equals(y, shifted, SumOf(kRows * kColumns)));
}

// Translation invariance + locality: masked and tied fully connected weights
// equal a convolution of size 2*delta+1.
TEST_P(FullyConnectedTest, TiedAndLocalWeightsAreAConvolution) {
  constexpr int64_t kSize = 6, kDelta = 1, kKernel = 2 * kDelta + 1;
  const Tensor v = RandomTensor({1, kKernel, kKernel, 1}, 3);
  Tensor w({kSize * kSize, kSize * kSize});
  const auto weight = w.view().Reshape({kSize, kSize, kSize, kSize});
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j) {
      for (int64_t a = -kDelta; a <= kDelta; ++a) {
        for (int64_t b = -kDelta; b <= kDelta; ++b) {
          const int64_t k = i + a, l = j + b;
          if (k < 0 || k >= kSize || l < 0 || l >= kSize) continue;
          weight.at({i, j, k, l}) = v.view().at({0, a + kDelta, b + kDelta, 0});
        }
      }
    }
  }
  const Tensor x = RandomTensor({2, kSize, kSize, 1}, 4);
  Tensor flat({2, kSize * kSize});
  std::copy(x.span().begin(), x.span().end(), flat.span().begin());
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor h, Linear(flat, w, GetParam()));
  Tensor expected({2, kSize, kSize, 1});
  std::copy(h.span().begin(), h.span().end(), expected.span().begin());
  EXPECT_TRUE(
      Equals(Conv2d(x, v, {.padding = {kDelta, kDelta}, .backend = GetParam()}),
             expected, SumOf(kKernel * kKernel)));
}

// Translation equivariance: shifting then convolving = convolving then
// shifting, away from borders.
TEST_P(FullyConnectedTest, ShiftingAndConvolvingCommute) {
  constexpr int64_t kSize = 9, kDown = 2, kRight = 1;
  const Tensor kernel = RandomTensor({1, 3, 3, 1}, 5);
  const auto shift = [](const Tensor& image) {
    Tensor shifted(image.shape());
    const int64_t height = image.shape().dim(1), width = image.shape().dim(2);
    for (int64_t i = kDown; i < height; ++i) {
      for (int64_t j = kRight; j < width; ++j) {
        shifted.view().at({0, i, j, 0}) =
            image.view().at({0, i - kDown, j - kRight, 0});
      }
    }
    return shifted;
  };
  const Tensor x = RandomTensor({1, kSize, kSize, 1}, 6);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor shifted_first,
      Conv2d(shift(x), kernel, {.backend = GetParam()}));
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y,
                               Conv2d(x, kernel, {.backend = GetParam()}));
  const Tensor shifted_last = shift(y);
  for (int64_t i = kDown; i < kSize - 2; ++i) {
    for (int64_t j = kRight; j < kSize - 2; ++j) {
      EXPECT_EQ(shifted_first.view().at({0, i, j, 0}),
                shifted_last.view().at({0, i, j, 0}))
          << i << ", " << j;
    }
  }
}

// Parameter counts: 1 Mpixel -> 1000 hidden; 1000x1000 -> 1000x1000; tied;
// tied and local: 10^9; 10^12; 4*10^6; 4*delta^2.
TEST(FullyConnectedTest, ParameterCounts) {
  constexpr int64_t kMega = 1'000'000;
  const auto linear = [](int64_t inputs, int64_t outputs) {
    return WeightShape({.input_features = inputs,
                        .output_features = outputs,
                        .has_bias = false})
        ->elements();
  };
  const auto conv = [](int64_t kernel) {
    return FilterShape({.input_channels = 1,
                        .output_channels = 1,
                        .window = {.kernel = {kernel, kernel}}})
        ->elements();
  };
  EXPECT_EQ(linear(kMega, 1000), 1'000'000'000);
  EXPECT_EQ(linear(kMega, kMega), 1'000'000'000'000);
  // Offsets from -1000 to 999 on both axes.
  EXPECT_EQ(conv(2 * 1000), 4'000'000);
  for (const int64_t delta : {1, 3, 10}) {
    EXPECT_EQ(conv(2 * delta), 4 * delta * delta);
  }
}

// 1x1 convolution = linear layer per pixel; linear after a convolution =
// convolution of the whole map's size: equal within 1e-6, not bit-equal.
TEST_P(FullyConnectedTest, A1x1ConvolutionIsALinearLayerPerPixel) {
  const Tensor x = RandomTensor({2, 3, 3, 3}, 7);
  const Tensor filter = RandomTensor({2, 1, 1, 3}, 8);
  Tensor weight({2, 3});
  std::copy(filter.span().begin(), filter.span().end(), weight.span().begin());
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor linear,
                               Linear(x, weight, GetParam()));
  EXPECT_TRUE(Equals(Conv2d(x, filter, {.backend = GetParam()}), linear,
                     {.absolute = 1e-6}));
}

TEST_P(FullyConnectedTest, ALinearLayerAfterAConvolutionIsAConvolution) {
  const Tensor map = RandomTensor({2, 4, 5, 3}, 9);
  const Tensor filter = RandomTensor({6, 4, 5, 3}, 10);
  Tensor flat({2, 60});
  std::copy(map.span().begin(), map.span().end(), flat.span().begin());
  Tensor weight({6, 60});
  std::copy(filter.span().begin(), filter.span().end(), weight.span().begin());
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor y,
                               Linear(flat, weight, GetParam()));
  Tensor expected({2, 1, 1, 6});
  std::copy(y.span().begin(), y.span().end(), expected.span().begin());
  // Sums of 60 products of numbers below 1 stay below 8 here.
  EXPECT_TRUE(Equals(Conv2d(map, filter, {.backend = GetParam()}), expected,
                     {.absolute = 4e-6}));
}

// Strict (flipped) convolution commutes in full mode: conv(f,g) = conv(g,f).
TEST_P(FullyConnectedTest, StrictConvolutionCommutes) {
  const Tensor f = RandomTensor({1, 4, 3, 1}, 11);
  const Tensor g = RandomTensor({1, 2, 5, 1}, 12);
  const auto full = [&](const Tensor& image, const Tensor& kernel) {
    const Shape& k = kernel.shape();
    return Conv2d(image, kernel,
                  {.padding = {k.dim(1) - 1, k.dim(2) - 1},
                   .flip = true,
                   .backend = GetParam()});
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor fg, full(f, g));
  EXPECT_EQ(fg.shape(), Shape({1, 5, 7, 1}));
  EXPECT_TRUE(Equals(full(g, f), fg, SumOf(10)));
  // Cross-correlation does not: it turns the result around.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor cross,
      Conv2d(f, g, {.padding = {1, 4}, .backend = GetParam()}));
  EXPECT_FALSE(Equals(Conv2d(g, f, {.padding = {3, 2}, .backend = GetParam()}),
                      cross, SumOf(10)));
}

// 1-D, 2-D, 3-D cross-correlation: hand-computed values for each.
//
//   0 1 2 3 4 5 6 * 1 2:  0*1 + 1*2 = 2,  1*1 + 2*2 = 5,  8, 11, 14, 17
TEST_P(FullyConnectedTest, CrossCorrelationIn1d) {
  EXPECT_TRUE(
      Equals(Conv1d(Tensor::Of({1, 7, 1}, {0, 1, 2, 3, 4, 5, 6}),
                    Tensor::Of({1, 2, 1}, {1, 2}), {.backend = GetParam()}),
             Tensor::Of({1, 6, 1}, {2, 5, 8, 11, 14, 17})));
}

//   0 1 2
//   3 4 5 * 0 1   0*0 + 1*1 + 3*2 + 4*3 = 19   1*0 + 2*1 + 4*2 + 5*3 = 25
//   6 7 8   2 3   3*0 + 4*1 + 6*2 + 7*3 = 37   4*0 + 5*1 + 7*2 + 8*3 = 43
TEST_P(FullyConnectedTest, CrossCorrelationIn2d) {
  EXPECT_TRUE(Equals(Conv2d(X3(), K2(), {.backend = GetParam()}),
                     {{19, 25}, {37, 43}}));
}

// 0 to 7 as a 2x2x2 cube and a cube of ones: 28; its corners (0, 0, 0) and
// (1, 1, 1) with weights 1 and 10: 0 + 70.
TEST_P(FullyConnectedTest, CrossCorrelationIn3d) {
  const Tensor x = Tensor::Of({1, 2, 2, 2, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
  const Tensor filters = Tensor::Of(
      {2, 2, 2, 2, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 10});
  const auto y = Conv3d(x, filters, {.backend = GetParam()});
  if (GetParam() == Backend::kXnnpack) {
    EXPECT_THAT(y, StatusIs(absl::StatusCode::kUnimplemented,
                            ::testing::HasSubstr("three spatial dimensions")));
    return;
  }
  EXPECT_TRUE(Equals(y, Tensor::Of({1, 1, 1, 1, 2}, {28, 70})));
}

}  // namespace
}  // namespace lenslet
