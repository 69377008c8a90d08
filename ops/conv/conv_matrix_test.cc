#include "lenslet/ops/conv/conv_matrix.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

ConvSpec SpecWithoutBias(int64_t in, int64_t out, const Window& window) {
  return {.input_channels = in,
          .output_channels = out,
          .window = window,
          .has_bias = false};
}

// 0..8 as a 3x3 image of one channel.
Tensor Image3x3() {
  Tensor x({3, 3, 1});
  FillIota(0, x.span());
  return x;
}

// By hand: the window's four places on
//
//   0 1 2
//   3 4 5
//   6 7 8
TEST(ConvMatrixTest, ImageAsAMatrixByHand) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor columns,
      Im2col(SpecWithoutBias(1, 1, {.kernel = {2, 2}}), Image3x3()));
  LENSLET_EXPECT_OK(AllClose(columns, Tensor::Of({4, 4}, {0, 1, 3, 4,  //
                                                          1, 2, 4, 5,  //
                                                          3, 4, 6, 7,  //
                                                          4, 5, 7, 8})));
}

// Of the first row's pairs with one position of padding on both sides, every
// other one, in two channels.
TEST(ConvMatrixTest, ImageAsAMatrixWithPaddingStrideAndChannels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor columns,
      Im2col(
          SpecWithoutBias(2, 1, {.kernel = {2}, .stride = {2}, .padding = {1}}),
          Tensor::Of({3, 2}, {1, 10, 2, 20, 3, 30})));
  LENSLET_EXPECT_OK(
      AllClose(columns, Tensor::Of({2, 4}, {0, 0, 1, 10, 2, 20, 3, 30})));
}

// Each element as often as windows cover it.
TEST(ConvMatrixTest, ColumnsAddUpWhereWindowsOverlap) {
  Tensor ones({4, 4});
  std::fill(ones.span().begin(), ones.span().end(), 1.0f);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor image,
      Col2im(SpecWithoutBias(1, 1, {.kernel = {2, 2}}), ones, {3, 3, 1}));
  LENSLET_EXPECT_OK(
      AllClose(image, Tensor::Of({3, 3, 1}, {1, 2, 1, 2, 4, 2, 1, 2, 1})));
}

// A 2x2 filter of ones on a 3x3 image. Source: the book's exercises.
TEST(ConvMatrixTest, FilterAsAMatrixByHand) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor matrix,
      ToeplitzMatrix(SpecWithoutBias(1, 1, {.kernel = {2, 2}}),
                     Tensor::Of({1, 2, 2, 1}, {1, 1, 1, 1}), {3, 3, 1}));
  LENSLET_EXPECT_OK(
      AllClose(matrix, Tensor::Of({4, 9}, {1, 1, 0, 1, 1, 0, 0, 0, 0,  //
                                           0, 1, 1, 0, 1, 1, 0, 0, 0,  //
                                           0, 0, 0, 1, 1, 0, 1, 1, 0,  //
                                           0, 0, 0, 0, 1, 1, 0, 1, 1})));
}

struct MatrixCase {
  std::string name;
  ConvSpec spec;
  Shape image;
};

class ConvMatrixCaseTest : public ::testing::TestWithParam<MatrixCase> {
 protected:
  const ConvSpec& spec() const { return GetParam().spec; }
  const Shape& image() const { return GetParam().image; }
  Shape output() const { return *OutputShape(spec(), image()); }

  // Of numbers that are the same each time for the same seed.
  static Tensor Uniform(const Shape& shape, int64_t seed) {
    Tensor tensor(shape);
    Random random(seed);
    FillUniform(-1, 1, random, tensor.span());
    return tensor;
  }

  // A batch of one image.
  static Tensor Batch(const Tensor& image) {
    Tensor batch(*image.shape().WithOuter(1));
    std::copy(image.span().begin(), image.span().end(), batch.data());
    return batch;
  }

  Tensor Convolve(const Tensor& x, const Tensor& filter) const {
    const Tensor batch = Batch(x);
    Tensor y(*output().WithOuter(1));
    LENSLET_EXPECT_OK(
        RunOnce(*MakeConvKernel(Backend::kReference, spec(), image(), 1),
                {&batch}, {&filter}, y));
    return y;
  }
};

INSTANTIATE_TEST_SUITE_P(
    Cases, ConvMatrixCaseTest,
    ::testing::ValuesIn(std::vector<MatrixCase>{
        {"OnePixel", SpecWithoutBias(2, 3, {.kernel = {1, 1}}), {1, 1, 2}},
        {"Plain", SpecWithoutBias(2, 3, {.kernel = {3, 2}}), {5, 4, 2}},
        {"Padding",
         SpecWithoutBias(1, 2, {.kernel = {3, 3}, .padding = {{1, 0}, {0, 2}}}),
         {4, 5, 1}},
        {"Stride",
         SpecWithoutBias(
             3, 2, {.kernel = {2, 3}, .stride = {3, 2}, .padding = {1, 1}}),
         {6, 7, 3}},
        {"Dilation",
         SpecWithoutBias(2, 2,
                         {.kernel = {2, 3},
                          .stride = {1, 2},
                          .dilation = {3, 2},
                          .padding = {2, 1}}),
         {5, 6, 2}},
        {"PaddingAboveKernel",
         SpecWithoutBias(1, 1, {.kernel = {2, 2}, .padding = {3, 3}}),
         {2, 2, 1}},
        {"OneDimension",
         SpecWithoutBias(3, 4, {.kernel = {3}, .stride = {2}, .padding = {1}}),
         {7, 3}},
        {"Clip",
         SpecWithoutBias(
             2, 3,
             {.kernel = {2, 2, 3}, .stride = {1, 2, 1}, .padding = {1, 0, 1}}),
         {3, 4, 4, 2}}}),
    [](const auto& info) { return info.param.name; });

// Both sides are rounded once, from sums in double of at most 100 products of
// numbers below 1, which are 100 * 100 * 2^-53 off at most.
constexpr Tolerance kRounding = {.absolute = 0x1p-39, .relative = 0x1p-23};

TEST_P(ConvMatrixCaseTest, TheImagesMatrixTimesTheFilterIsTheConvolution) {
  const Tensor x = Uniform(image(), 1);
  const Tensor filter = Uniform(*FilterShape(spec()), 2);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor columns, Im2col(spec(), x));
  const int64_t positions = columns.shape().dim(0);
  const int64_t row = columns.shape().dim(1);
  EXPECT_EQ(positions * spec().output_channels, output().elements());
  EXPECT_EQ(row, filter.shape().inner_elements());
  Tensor y(*output().WithOuter(1));
  for (int64_t p = 0; p < positions; ++p) {
    for (int64_t k = 0; k < spec().output_channels; ++k) {
      double sum = 0;
      for (int64_t i = 0; i < row; ++i) {
        sum += static_cast<double>(columns.data()[p * row + i]) *
               filter.data()[k * row + i];
      }
      y.data()[p * spec().output_channels + k] = static_cast<float>(sum);
    }
  }
  LENSLET_EXPECT_OK(AllClose(y, Convolve(x, filter), kRounding));
}

TEST_P(ConvMatrixCaseTest, TheFiltersMatrixTimesTheImageIsTheConvolution) {
  const Tensor x = Uniform(image(), 1);
  const Tensor filter = Uniform(*FilterShape(spec()), 2);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor matrix,
                               ToeplitzMatrix(spec(), filter, image()));
  ASSERT_EQ(matrix.shape(), Shape({output().elements(), image().elements()}));
  Tensor y(*output().WithOuter(1));
  for (int64_t o = 0; o < output().elements(); ++o) {
    double sum = 0;
    for (int64_t i = 0; i < image().elements(); ++i) {
      sum += static_cast<double>(matrix.data()[o * image().elements() + i]) *
             x.data()[i];
    }
    y.data()[o] = static_cast<float>(sum);
  }
  LENSLET_EXPECT_OK(AllClose(y, Convolve(x, filter), kRounding));
}

// Its channels swapped: from the one that a convolution goes to, to the one
// that it comes from.
TEST_P(ConvMatrixCaseTest, TheTransposedMatrixIsTheTransposedConvolution) {
  const Tensor filter = Uniform(*FilterShape(spec()), 2);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor matrix,
                               ToeplitzMatrix(spec(), filter, image()));
  const Tensor y = Uniform(output(), 3);
  Tensor x(*image().WithOuter(1));
  for (int64_t i = 0; i < image().elements(); ++i) {
    double sum = 0;
    for (int64_t o = 0; o < output().elements(); ++o) {
      sum += static_cast<double>(matrix.data()[o * image().elements() + i]) *
             y.data()[o];
    }
    x.data()[i] = static_cast<float>(sum);
  }

  ConvTransposeSpec transposed = {.input_channels = spec().output_channels,
                                  .output_channels = spec().input_channels,
                                  .window = spec().window,
                                  .has_bias = false};
  const ConvGeometry g = *Resolve(spec(), image());
  const int rank = spec().window.kernel.rank();
  // Where the windows leave a rest of the image, output padding makes it.
  transposed.output_padding = Axes::Filled(rank, 0);
  for (int axis = 0; axis < rank; ++axis) {
    const int a = axis + 3 - rank;
    transposed.output_padding[axis] =
        (PaddedInput(g)[a] - Extent(g.window, a)) % g.window.stride[a];
  }
  ASSERT_EQ(*OutputShape(transposed, output()), image());
  Tensor swapped(*FilterShape(transposed));
  const int64_t taps = filter.shape().inner_elements() / spec().input_channels;
  for (int64_t k = 0; k < spec().output_channels; ++k) {
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t c = 0; c < spec().input_channels; ++c) {
        swapped.data()[(c * taps + tap) * spec().output_channels + k] =
            filter.data()[(k * taps + tap) * spec().input_channels + c];
      }
    }
  }
  const Tensor batch = Batch(y);
  Tensor expected(*image().WithOuter(1));
  LENSLET_EXPECT_OK(RunOnce(
      *MakeConvTransposeKernel(Backend::kReference, transposed, output(), 1),
      {&batch}, {&swapped}, expected));
  LENSLET_EXPECT_OK(AllClose(x, expected, kRounding));
}

// <Im2col x, c> = <x, Col2im c> for all x and c.
TEST_P(ConvMatrixCaseTest, ColumnsToImageIsTheTransposeOfImageToColumns) {
  const Tensor x = Uniform(image(), 1);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor columns, Im2col(spec(), x));
  const Tensor c = Uniform(columns.shape(), 4);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor back, Col2im(spec(), c, image()));
  ASSERT_EQ(back.shape(), image());
  const auto product = [](const Tensor& a, const Tensor& b) {
    double sum = 0;
    for (int64_t i = 0; i < a.shape().elements(); ++i) {
      sum += static_cast<double>(a.data()[i]) * b.data()[i];
    }
    return sum;
  };
  // Each element of `back`, below the number of taps, was rounded once.
  const double taps = c.shape().dim(1);
  EXPECT_NEAR(product(columns, c), product(x, back),
              0x1p-24 * taps * image().elements());
}

TEST(ConvMatrixTest, RejectsWhatDoesNotFit) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const ConvSpec spec = SpecWithoutBias(1, 2, {.kernel = {2, 2}});
  EXPECT_THAT(Im2col(SpecWithoutBias(1, 1, {}), Image3x3()),
              StatusIs(code, HasSubstr("kernel is empty")));
  EXPECT_THAT(Im2col(spec, Tensor({3, 3, 4})),
              StatusIs(code, "input has 4 channels; expected 1"));
  EXPECT_THAT(Im2col(spec, Tensor({1, 3, 3, 1})),
              StatusIs(code, HasSubstr("has 4 dimensions; kernel [2, 2] and "
                                       "channels need 3")));
  EXPECT_THAT(
      Im2col(spec, Tensor({3, 3, 1}, ElementType::kUint8)),
      StatusIs(code, "image is uint8 [3, 3, 1]; expected float32 [3, 3, 1]"));
  EXPECT_THAT(Col2im(spec, Tensor({4, 4}), {1, 3, 1}),
              StatusIs(code, HasSubstr("covers 2 positions of axis 0")));
  EXPECT_THAT(Col2im(spec, Tensor({4, 5}), {3, 3, 1}),
              StatusIs(code,
                       "columns is float32 [4, 5]; expected float32 "
                       "[4, 4]"));
  EXPECT_THAT(ToeplitzMatrix(spec, Tensor({1, 2, 2, 1}), {3, 3, 1}),
              StatusIs(code,
                       "filter is float32 [1, 2, 2, 1]; expected float32 "
                       "[2, 2, 2, 1]"));
  EXPECT_THAT(ToeplitzMatrix(spec, Tensor({2, 2, 2, 1}), {3, 3, 2}),
              StatusIs(code, "input has 2 channels; expected 1"));
}

TEST(ConvMatrixTest, IsForPlainConvolutions) {
  const Shape image = {3, 3, 2};
  const auto rejects = [&](const ConvSpec& spec, const std::string& why) {
    const auto error = StatusIs(absl::StatusCode::kInvalidArgument,
                                HasSubstr(why + "; only plain convolutions"));
    EXPECT_THAT(Im2col(spec, Tensor(image)), error);
    EXPECT_THAT(Col2im(spec, Tensor({4, 8}), image), error);
    EXPECT_THAT(ToeplitzMatrix(spec, Tensor({2, 2, 2, 2}), image), error);
  };
  ConvSpec spec = SpecWithoutBias(2, 2, {.kernel = {2, 2}});
  spec.groups = 2;
  rejects(spec, "groups is 2");
  spec.groups = 1;
  spec.flip = true;
  rejects(spec, "the filter is flipped");
  spec.flip = false;
  spec.connections = {{0, 1}, {1}};
  rejects(spec, "there are connections");
  spec.connections = {};
  spec.window.padding = {1, 1};
  spec.padding_mode = PaddingMode::kReflect;
  rejects(spec, "the padding mode is reflect");
}

TEST(ConvMatrixTest, RefusesMatricesThatThereIsNoMemoryFor) {
  // 10^13 windows.
  const int64_t padding = 1'600'000;
  const ConvSpec wide =
      SpecWithoutBias(1, 1, {.kernel = {2, 2}, .padding = {padding, padding}});
  EXPECT_THAT(Im2col(wide, Image3x3()),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("not enough memory for a float32 tensor of "
                                 "shape [10240012800004, 4]")));
  const ConvSpec spec = SpecWithoutBias(1, 1, {.kernel = {1, 1}});
  const Tensor filter({1, 1, 1, 1});
  EXPECT_THAT(ToeplitzMatrix(spec, filter, {4000, 4000, 1}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("shape [16000000, 16000000]")));
  EXPECT_THAT(ToeplitzMatrix(spec, filter, {2147483647, 2, 1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("shape [4294967294, 4294967294] has more "
                                 "elements than 64 bits can count")));
}

}  // namespace
}  // namespace lenslet
