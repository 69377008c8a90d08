#include "lenslet/ops/conv_transpose/conv_transpose.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// 0..3 as a 2x2 image of one channel, and as a filter.
Tensor X2() { return Tensor::Of({1, 2, 2, 1}, {0, 1, 2, 3}); }

class ConvTransposeBackendTest : public ::testing::TestWithParam<Backend> {
 protected:
  ConvTransposeOptions Options(ConvTransposeOptions options = {}) {
    options.backend = GetParam();
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, ConvTransposeBackendTest,
                         ::testing::ValuesIn(kTrainingBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// By hand: each number of the input writes the filter, times itself, at its
// place.
//
//   0 1     0 1     0 0 .   . 0 1   . . .   . . .     0  0 1
//   2 3  *  2 3  =  0 0 . + . 2 3 + 0 2 . + . 0 3  =  0  4 6
//                   . . .   . . .   4 6 .   . 6 9     4 12 9
TEST_P(ConvTransposeBackendTest, AddsUpFilters) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y,
                               ConvTranspose2d(X2(), X2(), Options()));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 3, 3, 1}, {0, 0, 1, 0, 4, 6, 4, 12, 9})));
}

// The same, two steps apart: the image is twice as large, and filters do not
// overlap.
//
//   0 1     0 1     0 0 | 0 1
//   2 3  *  2 3  =  0 0 | 2 3
//                   ----+----
//                   0 2 | 0 3
//                   4 6 | 6 9
TEST_P(ConvTransposeBackendTest, AStrideMakesImagesLarger) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, ConvTranspose2d(X2(), X2(), Options({.stride = {2, 2}})));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 4, 4, 1}, {0, 0, 0, 1, 0, 0, 2, 3,  //
                                            0, 2, 0, 3, 4, 6, 6, 9})));
}

TEST_P(ConvTransposeBackendTest, PaddingIsCutOffEachSideOnItsOwn) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, ConvTranspose2d(X2(), X2(), Options({.padding = {1, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 1, 1}, {4})));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, ConvTranspose2d(X2(), X2(), Options({.padding = {{1, 0}, {0, 1}}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {0, 4, 4, 12})));
}

TEST_P(ConvTransposeBackendTest, AddsABiasWhereNoFilterWrites) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      ConvTranspose1d(Tensor::Of({1, 2, 1}, {1, 2}),
                      Tensor::Of({1, 2, 1}, {1, 10}), Tensor::Of({1}, {100}),
                      Options({.stride = {3}})));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 5, 1}, {101, 110, 100, 102, 120})));
}

// Positions after the end have what a longer filter would leave there: nothing.
TEST_P(ConvTransposeBackendTest, OutputPaddingAddsPositionsAfterTheEnd) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      ConvTranspose1d(Tensor::Of({1, 2, 1}, {1, 2}),
                      Tensor::Of({1, 2, 1}, {1, 10}),
                      Options({.stride = {2}, .output_padding = {1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 5, 1}, {1, 10, 2, 20, 0})));
  // It takes back what padding cuts off.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, ConvTranspose1d(
             Tensor::Of({1, 2, 1}, {1, 2}), Tensor::Of({1, 2, 1}, {1, 10}),
             Options({.stride = {2}, .padding = {1}, .output_padding = {1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 1}, {10, 2, 20})));
}

// One pixel (1, 10) and a filter of one tap: rows 1 2 and 3 4 of a matrix.
TEST_P(ConvTransposeBackendTest, AddsUpInputChannelsForEachOutputChannel) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      ConvTranspose2d(Tensor::Of({1, 1, 1, 2}, {1, 10}),
                      Tensor::Of({2, 1, 1, 2}, {1, 2, 3, 4}), Options()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 1, 2}, {21, 43})));
}

TEST(ConvTransposeTest, ThreeDimensionsByHand) {
  Tensor filter({1, 2, 1, 2, 1});
  FillIota(1, filter.span());
  for (const Backend backend : {Backend::kReference, Backend::kLanes}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y,
        ConvTranspose3d(Tensor::Of({1, 1, 2, 1, 1}, {1, 10}), filter,
                        Tensor::Of({1}, {100}), {.backend = backend}));
    LENSLET_EXPECT_OK(AllClose(
        y,
        Tensor::Of({1, 2, 2, 2, 1}, {101, 102, 110, 120, 103, 104, 130, 140})));
  }
}

// Each case is one where a kernel can go wrong in a way of its own.
KernelCase Case(const std::string& name, const ConvTransposeSpec& spec,
                const Shape& image, int64_t images) {
  const Shape output = *OutputShape(spec, image);
  KernelCase c = {
      .name = name,
      .make =
          [spec, image](Backend backend, int64_t images) {
            return MakeConvTransposeKernel(backend, spec, image, images);
          },
      .inputs = {image},
      .output = output,
      .parameters = {*FilterShape(spec)},
      .images = images,
  };
  const int64_t taps = c.parameters[0].inner_elements() / spec.input_channels;
  c.terms = std::max({taps * spec.input_channels, taps * spec.output_channels,
                      image.elements() / spec.input_channels,
                      output.elements() / spec.output_channels});
  if (spec.has_bias) c.parameters.push_back({spec.output_channels});
  return c;
}

ConvTransposeSpec Spec(int64_t in, int64_t out, const Window& window,
                       const Axes& output_padding = {}, bool has_bias = true) {
  return {.input_channels = in,
          .output_channels = out,
          .window = window,
          .output_padding = output_padding,
          .has_bias = has_bias};
}

std::vector<KernelCase> Cases() {
  return {
      Case("OnePixel", Spec(1, 1, {.kernel = {1, 1}}), {1, 1, 1}, 1),
      Case("OnePixelManyChannels", Spec(5, 3, {.kernel = {1, 1}}), {1, 1, 5},
           3),
      // The convolution that it runs backwards is a linear operator.
      Case("OnePixelToAnImage", Spec(20, 3, {.kernel = {4, 5}}), {1, 1, 20}, 3),
      Case("OneStep", Spec(3, 4, {.kernel = {3, 3}}), {5, 4, 3}, 2),
      Case("SameSize", Spec(2, 3, {.kernel = {3, 3}, .padding = {1, 1}}),
           {6, 5, 2}, 2),
      Case("NoBias", Spec(2, 3, {.kernel = {2, 2}}, {}, false), {4, 5, 2}, 2),
      Case("TwiceTheSize",
           Spec(3, 2, {.kernel = {4, 4}, .stride = {2, 2}, .padding = {1, 1}}),
           {5, 6, 3}, 2),
      Case("Pieces", Spec(3, 2, {.kernel = {2, 3}, .stride = {2, 3}}),
           {4, 3, 3}, 2),
      Case("StrideAboveKernel",
           Spec(2, 3, {.kernel = {1, 2}, .stride = {2, 4}}), {3, 3, 2}, 1),
      Case("StrideAndPadding",
           Spec(2, 3,
                {.kernel = {3, 5},
                 .stride = {3, 4},
                 .padding = {{0, 1}, {1, 0}}}),
           {4, 3, 2}, 2),
      Case(
          "SeventeenChannels",
          Spec(17, 33, {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}),
          {4, 3, 17}, 2),
      // A filter whose gradient lanes make from copies, tile by tile.
      Case(
          "LargeFilter",
          Spec(32, 33, {.kernel = {3, 3}, .stride = {1, 2}, .padding = {1, 0}}),
          {4, 5, 32}, 2),
      Case(
          "Dilation",
          Spec(2, 3, {.kernel = {3, 2}, .dilation = {2, 3}, .padding = {1, 2}}),
          {5, 6, 2}, 2),
      Case("DilationAndStride",
           Spec(2, 3,
                {.kernel = {2, 3},
                 .stride = {2, 3},
                 .dilation = {3, 2},
                 .padding = {1, 1}}),
           {4, 3, 2}, 2),
      Case("PaddingAboveKernel",
           Spec(1, 2, {.kernel = {2, 2}, .padding = {3, 4}}), {8, 9, 1}, 1),
      Case("OutputPadding",
           Spec(2, 3, {.kernel = {3, 3}, .stride = {2, 3}}, {1, 2}), {4, 3, 2},
           2),
      Case("OutputPaddingOfWhatIsCutOff",
           Spec(2, 3, {.kernel = {3, 3}, .stride = {2, 3}, .padding = {1, 1}},
                {1, 2}),
           {4, 3, 2}, 2),
      Case("OutputPaddingUpToTheDilation",
           Spec(2, 3, {.kernel = {2, 3}, .dilation = {3, 4}, .padding = {2, 3}},
                {2, 3}),
           {4, 3, 2}, 2),
      Case("OneDimension",
           Spec(3, 4, {.kernel = {3}, .stride = {2}, .padding = {1}}, {1}),
           {7, 3}, 2),
  };
}

// Cases that XNNPACK lacks.
std::vector<KernelCase> CasesBeyondXnnpack() {
  return {
      Case(
          "Clip",
          Spec(2, 3,
               {.kernel = {2, 2, 3}, .stride = {1, 2, 1}, .padding = {1, 0, 1}},
               {0, 1, 0}),
          {3, 2, 4, 2}, 2),
      Case("OutputPaddingAboveTheStride",
           Spec(2, 3, {.kernel = {2, 3}, .stride = {1, 2}, .dilation = {3, 4}},
                {1, 3}),
           {4, 3, 2}, 2),
      // XNNPACK's tables would begin before their memory.
      Case("StrideAboveTheOutput",
           Spec(4, 8, {.kernel = {5, 5}, .stride = {5, 5}, .padding = {2, 2}}),
           {1, 1, 4}, 2),
      Case("StrideAboveTheOutputsRows",
           Spec(2, 3, {.kernel = {3, 2}, .stride = {3, 1}, .padding = {1, 0}}),
           {1, 4, 2}, 2),
      Case("StrideAboveTheOutputsColumns",
           Spec(2, 3, {.kernel = {2, 3}, .stride = {1, 3}, .padding = {0, 1}}),
           {4, 1, 2}, 2),
      // Of the filter's only frame, nothing is left: the output is the bias.
      Case("OneFrameThatIsCutOff",
           Spec(2, 3,
                {.kernel = {1, 2, 2},
                 .stride = {2, 1, 1},
                 .padding = Padding(Axes{1, 0, 0}, Axes{0, 0, 0})},
                {1, 0, 0}),
           {1, 4, 3, 2}, 2),
  };
}

class ConvTransposeCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ConvTransposeCaseTest,
                         ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ConvTransposeCaseTest, XnnpackAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kXnnpack);
}

TEST_P(ConvTransposeCaseTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(ConvTransposeCaseTest, DirectLacksIt) {
  CheckAgainstReference(GetParam(), Backend::kDirect, /*expect_kernel=*/false);
}

TEST_P(ConvTransposeCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

TEST(ConvTransposeTest, SomeCasesAreNotForXnnpack) {
  for (const KernelCase& c : CasesBeyondXnnpack()) {
    if (c.name != "OneFrameThatIsCutOff") {
      CheckGradients(c, Backend::kReference);
      CheckGradients(c, Backend::kLanes);
    }
    CheckAgainstReference(c, Backend::kLanes);
    CheckAgainstReference(c, Backend::kXnnpack, /*expect_kernel=*/false);
  }
}

// A kernel whose input's gradient nobody wants has the same gradients by its
// parameters, though dx is what its convolution computes first.
TEST(ConvTransposeTest, GradientsByParametersNeedNoInputGradient) {
  const ConvTransposeSpec spec =
      Spec(1, 1, {.kernel = {3}, .stride = {2}, .padding = {1}});
  // 4 positions make 7. By hand, for x and dy of ones: a tap meets the 4
  // positions, but the outer ones fall off one side.
  for (const Backend backend : kTrainingBackends) {
    SCOPED_TRACE(Name(backend));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto kernel, MakeConvTransposeKernel(backend, spec, {4, 1}, 1));
    const int64_t room = RoomForImages(kernel->layout(), 1);
    Tensor x({4, room});
    Tensor y({7, room});
    Tensor dy({7, room});
    for (int64_t i = 0; i < 4; ++i) x.data()[i * room] = 1;
    for (int64_t o = 0; o < 7; ++o) dy.data()[o * room] = 1;
    const Tensor filter({1, 3, 1});
    const Tensor bias({1});
    Tensor filter_gradient({1, 3, 1});
    Tensor bias_gradient({1});
    LENSLET_ASSERT_OK(kernel->Bind({.inputs = {x.data()},
                                    .parameters = {filter.data(), bias.data()},
                                    .output = y.data(),
                                    .output_gradient = dy.data(),
                                    .input_gradients = {nullptr}}));
    LENSLET_ASSERT_OK(kernel->ParametersChanged());
    kernel->Forward(1);
    kernel->Backward(1, {filter_gradient.data(), bias_gradient.data()});
    LENSLET_EXPECT_OK(
        AllClose(filter_gradient, Tensor::Of({1, 3, 1}, {3, 4, 3})));
    LENSLET_EXPECT_OK(AllClose(bias_gradient, Tensor::Of({1}, {7})));
  }
}

TEST(ConvTransposeSpecTest, OutputShapes) {
  const auto shape = [](const Window& window, const Axes& output_padding = {}) {
    return *OutputShape(Spec(1, 2, window, output_padding), {16, 1});
  };
  // Stride one half.
  EXPECT_EQ(shape({.kernel = {3}, .stride = {2}, .padding = {1}}),
            Shape({31, 2}));
  EXPECT_EQ(shape({.kernel = {3}, .stride = {2}, .padding = {1}}, {1}),
            Shape({32, 2}));
  EXPECT_EQ(shape({.kernel = {4}, .stride = {2}, .padding = {1}}),
            Shape({32, 2}));
  EXPECT_EQ(shape({.kernel = {3}}), Shape({18, 2}));
  EXPECT_EQ(shape({.kernel = {3}, .dilation = {5}}), Shape({26, 2}));
  EXPECT_EQ(shape({.kernel = {3}, .padding = Padding(Axes{4}, Axes{1})}),
            Shape({13, 2}));
}

// 4 taps of 6 channels for each of 2 at 5 * 7 positions.
TEST(ConvTransposeSpecTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Cost cost,
      ComputeCost(Spec(6, 2, {.kernel = {2, 2}, .stride = {2, 2}}), {5, 7, 6}));
  EXPECT_EQ(cost.multiply_adds, 4 * 6 * 2 * 5 * 7);
  EXPECT_EQ(cost.input_bytes, 5 * 7 * 6 * 4);
  EXPECT_EQ(cost.parameter_bytes, (2 * 4 * 6 + 2) * 4);
  EXPECT_EQ(cost.output_bytes, 10 * 14 * 2 * 4);
}

struct Rejected {
  std::string name;
  ConvTransposeSpec spec;
  Shape image;
  std::string message;
};

class ConvTransposeRejectedTest : public ::testing::TestWithParam<Rejected> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, ConvTransposeRejectedTest,
    ::testing::ValuesIn(std::vector<Rejected>{
        {"NoKernel", Spec(1, 1, {}), {3, 3, 1}, "kernel is empty"},
        {"ZeroKernel",
         Spec(1, 1, {.kernel = {0, 2}}),
         {3, 3, 1},
         "kernel [0, 2] has 0; expected a number in [1, 2147483647]"},
        {"ZeroStride",
         Spec(1, 1, {.kernel = {2, 2}, .stride = {1, 0}}),
         {3, 3, 1},
         "stride [1, 0] has 0"},
        {"NegativePadding",
         Spec(1, 1, {.kernel = {2, 2}, .padding = {{0, 0}, {0, -1}}}),
         {3, 3, 1},
         "padding after [0, -1] has -1; expected a number in [0, 2147483647]"},
        {"NoInputChannels",
         Spec(0, 1, {.kernel = {2, 2}}),
         {3, 3, 0},
         "input_channels is 0"},
        {"NegativeOutputChannels",
         Spec(1, -6, {.kernel = {2, 2}}),
         {3, 3, 1},
         "output_channels is -6; expected a number in [1, 2147483647]"},
        {"OtherChannels",
         Spec(3, 1, {.kernel = {2, 2}}),
         {3, 3, 6},
         "input has 6 channels; expected 3"},
        {"OtherDimensions",
         Spec(1, 1, {.kernel = {2, 2}}),
         {9, 1},
         "an image of shape [9, 1] has 2 dimensions; kernel [2, 2] and "
         "channels need 3"},
        {"EmptyImage",
         Spec(1, 1, {.kernel = {1, 1}}),
         {0, 3, 1},
         "input size [0, 3] has 0"},
        {"OutputPaddingForOtherAxes",
         Spec(1, 1, {.kernel = {2, 2}, .stride = {2, 2}}, {1}),
         {3, 3, 1},
         "output padding [1] has 1 number; expected 2, as many as the kernel"},
        {"OutputPaddingOfAStride",
         Spec(1, 1, {.kernel = {2, 2}, .stride = {2, 3}}, {1, 3}),
         {3, 3, 1},
         "output padding [1, 3] has 3; expected a number in [0, 2]: less than "
         "the "
         "larger one of stride 3 and dilation 1"},
        {"NegativeOutputPadding",
         Spec(1, 1, {.kernel = {2, 2}, .stride = {2, 3}}, {-1, 0}),
         {3, 3, 1},
         "output padding [-1, 0] has -1; expected a number in [0, 1]"},
        {"PaddingLeavesNothing",
         Spec(1, 1,
              {.kernel = {2, 3}, .stride = {1, 2}, .padding = {{0, 4}, {0, 4}}},
              {0, 1}),
         {3, 3, 1},
         "the output's size along axis 1 is 0; expected a number in [1, "
         "2147483647] "
         "(input [3, 3], kernel [2, 3] with dilation [1, 1], stride [1, 2], "
         "padding [0, 4] before and [0, 4] after, output padding [0, 1])"},
        {"HugeOutput",
         Spec(1, 1,
              {.kernel = {2147483647},
               .stride = {2147483647},
               .dilation = {2147483647}},
              {2147483646}),
         {2147483647, 1},
         "the output's size along axis 0 is 9223372026117357571; expected a "
         "number in [1, 2147483647]"},
        {"TooManyMultiplyAdds",
         Spec(1 << 20, 1 << 20,
              {.kernel = {1 << 10, 1 << 10}, .padding = {511, 511}}),
         {1 << 10, 1 << 10, 1 << 20},
         "more multiply-adds than 64 bits can count"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(ConvTransposeRejectedTest, SaysWhy) {
  const Rejected& r = GetParam();
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        MakeConvTransposeKernel(backend, r.spec, r.image, 1),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(r.message)));
  }
}

// XNNPACK keeps a pointer for each of 10^6 taps at each of 2 * 10^6 positions.
TEST(ConvTransposeTest, RefusesWindowsThatXnnpackHasNoMemoryFor) {
  EXPECT_THAT(MakeConvTransposeKernel(
                  Backend::kXnnpack,
                  Spec(1, 1, {.kernel = {1001, 1001}, .padding = {500, 500}}),
                  {1000, 1000, 1}, 1),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("not enough memory for a convolution")));
}

TEST(ConvTransposeTest, TheSimpleCallNamesTheWrongArgument) {
  const Tensor x = X2();
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(ConvTranspose2d(Tensor({3, 3}), X2()),
              StatusIs(code, HasSubstr("x is float32 [3, 3]; expected float32 "
                                       "[N, H, W, Cin]")));
  EXPECT_THAT(ConvTranspose1d(x, X2()),
              StatusIs(code, HasSubstr("x is float32 [1, 2, 2, 1]; expected "
                                       "float32 [N, L, Cin]")));
  EXPECT_THAT(ConvTranspose3d(x, X2()),
              StatusIs(code, HasSubstr("expected float32 [N, D, H, W, Cin]")));
  EXPECT_THAT(ConvTranspose2d(Tensor({1, 3, 3, 1}, ElementType::kUint8), X2()),
              StatusIs(code, HasSubstr("x is uint8 [1, 3, 3, 1]")));
  EXPECT_THAT(ConvTranspose2d(x, Tensor({2, 2})),
              StatusIs(code, HasSubstr("filter is float32 [2, 2]; expected "
                                       "float32 [Cout, Kh, Kw, Cin]")));
  EXPECT_THAT(ConvTranspose2d(x, X2(), Tensor({2})),
              StatusIs(code, HasSubstr("bias has shape [2], filter [1, 2, 2, "
                                       "1] has 1 output channels")));
  EXPECT_THAT(ConvTranspose2d(x, X2(), Tensor({1, 1})),
              StatusIs(code, HasSubstr("bias is float32 [1, 1]")));
  EXPECT_THAT(ConvTranspose2d(Tensor({0, 3, 3, 1}), X2()),
              StatusIs(code, HasSubstr("x of shape [0, 3, 3, 1] holds no "
                                       "images")));
  EXPECT_THAT(ConvTranspose2d(x, X2(), {.backend = Backend::kDirect}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "the direct backend has no transposed convolution"));
}

}  // namespace
}  // namespace lenslet
