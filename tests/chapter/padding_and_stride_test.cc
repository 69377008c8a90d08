// The book's section "Padding and stride" and its exercises, each statement a
// test. Numbers marked "book" stand in the book, those marked "derived" follow
// from it.

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/chapter/matrix.h"

namespace lenslet {
namespace {

class PaddingAndStrideTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, PaddingAndStrideTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// X3 padded by 1, K2 (book): [[0,3,8,4],[9,19,25,10],[21,37,43,16],[6,7,8,0]].
TEST_P(PaddingAndStrideTest, PaddedByOne) {
  EXPECT_TRUE(
      Equals(Conv2d(X3(), K2(), {.padding = {1, 1}, .backend = GetParam()}),
             {{0, 3, 8, 4}, {9, 19, 25, 10}, {21, 37, 43, 16}, {6, 7, 8, 0}}));
}

// The same with stride (3,2) (book): [[0,8],[6,8]].
TEST_P(PaddingAndStrideTest, PaddedByOneWithStride) {
  EXPECT_TRUE(Equals(
      Conv2d(X3(), K2(),
             {.stride = {3, 2}, .padding = {1, 1}, .backend = GetParam()}),
      {{0, 8}, {6, 8}}));
}

// 8x8 input: k3 p1; k(5,3) p(2,1); k3 p1 s2; k(3,5) p(0,1) s(3,4) (book):
// (8,8); (8,8); (4,4); (2,2).
TEST_P(PaddingAndStrideTest, ShapesOfAnOctet) {
  const Tensor x = RandomTensor({1, 8, 8, 1}, 1);
  const auto size = [&](const Axes& kernel, ConvOptions options) {
    options.backend = GetParam();
    const Tensor filter({1, kernel[0], kernel[1], 1});
    const absl::StatusOr<Tensor> y = Conv2d(x, filter, options);
    return y.ok() ? Axes{y->shape().dim(1), y->shape().dim(2)} : Axes{};
  };
  EXPECT_EQ(size({3, 3}, {.padding = {1, 1}}), (Axes{8, 8}));
  EXPECT_EQ(size({5, 3}, {.padding = {2, 1}}), (Axes{8, 8}));
  EXPECT_EQ(size({3, 3}, {.stride = {2, 2}, .padding = {1, 1}}), (Axes{4, 4}));
  EXPECT_EQ(size({3, 5}, {.stride = {3, 4}, .padding = {0, 1}}), (Axes{2, 2}));
}

// 240x240 through ten 5x5 (book): 200x200.
TEST(PaddingAndStrideTest, TenConvolutionsShrinkAnImage) {
  Shape image = {240, 240, 1};
  for (int i = 0; i < 10; ++i) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        image, OutputShape(ConvSpec{.input_channels = 1,
                                    .output_channels = 1,
                                    .window = {.kernel = {5, 5}}},
                           image));
  }
  EXPECT_EQ(image, Shape({200, 200, 1}));
}

// Even kernels, 'same' size: different padding per side.
TEST_P(PaddingAndStrideTest, EvenKernelsKeepTheSizeByUnequalSides) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor y,
      Conv2d(X3(), K2(), {.padding = {{0, 0}, {1, 1}}, .backend = GetParam()}));
  // The rows and columns of the padded one that begin inside the image.
  EXPECT_TRUE(Equals(y.Clone(), {{19, 25, 10}, {37, 43, 16}, {7, 8, 0}}));
  EXPECT_TRUE(Equals(
      Conv2d(X3(), K2(), {.padding = {{1, 1}, {0, 0}}, .backend = GetParam()}),
      {{0, 3, 8}, {9, 19, 25}, {21, 37, 43}}));
}

// Reflect and replicate padding: numpy's values.
//
// numpy.pad(X3, 2, mode="reflect") and mode="edge":
TEST_P(PaddingAndStrideTest, ReflectAndReplicatePadding) {
  EXPECT_TRUE(Equals(Pad(X3(), {2, 2}, PaddingMode::kReflect, GetParam()),
                     {{8, 7, 6, 7, 8, 7, 6},
                      {5, 4, 3, 4, 5, 4, 3},
                      {2, 1, 0, 1, 2, 1, 0},
                      {5, 4, 3, 4, 5, 4, 3},
                      {8, 7, 6, 7, 8, 7, 6},
                      {5, 4, 3, 4, 5, 4, 3},
                      {2, 1, 0, 1, 2, 1, 0}}));
  EXPECT_TRUE(Equals(
      Pad(X3(), {{1, 0}, {0, 2}}, PaddingMode::kReplicate, GetParam()),
      {{0, 1, 2, 2, 2}, {0, 1, 2, 2, 2}, {3, 4, 5, 5, 5}, {6, 7, 8, 8, 8}}));
  // A convolution with such padding is one of the padded image.
  for (const PaddingMode mode :
       {PaddingMode::kReflect, PaddingMode::kReplicate}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor padded,
                                 Pad(X3(), {1, 1}, mode, GetParam()));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor expected,
                                 Conv2d(padded, K2(), {.backend = GetParam()}));
    EXPECT_TRUE(Equals(
        Conv2d(
            X3(), K2(),
            {.padding = {1, 1}, .padding_mode = mode, .backend = GetParam()}),
        expected));
  }
}

// Transposed convolution k3 s2 p1 of 16 (stride one half): 31.
TEST(PaddingAndStrideTest, TransposedConvolutionOf16) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Shape output,
      OutputShape(
          ConvTransposeSpec{.input_channels = 1,
                            .output_channels = 1,
                            .window = {.kernel = {3},
                                       .stride = {2},
                                       .padding = Padding(Axes{1}, Axes{1})}},
          {16, 1}));
  EXPECT_EQ(output, Shape({31, 1}));
}

}  // namespace
}  // namespace lenslet
