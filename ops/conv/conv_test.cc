#include "lenslet/ops/conv/conv.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/conv/conv_case.h"
#include "lenslet/ops/conv/testing/small_convs.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

Tensor K2() { return Tensor::Of({1, 2, 2, 1}, {0, 1, 2, 3}); }

class ConvBackendTest : public ::testing::TestWithParam<Backend> {
 protected:
  ConvOptions Options(ConvOptions options = {}) {
    options.backend = GetParam();
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, ConvBackendTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// By hand:
//
//   0 1 2     0 1     0*0+1*1+3*2+4*3  1*0+2*1+4*2+5*3     19 25
//   3 4 5  *  2 3  =  3*0+4*1+6*2+7*3  4*0+5*1+7*2+8*3  =  37 43
//   6 7 8
TEST_P(ConvBackendTest, SlidesAFilterOverAnImage) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Conv2d(X3(), K2(), Options()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {19, 25, 37, 43})));
}

TEST_P(ConvBackendTest, AddsABias) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Conv2d(X3(), K2(), Tensor::Of({1}, {100}), Options()));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 2, 2, 1}, {119, 125, 137, 143})));
}

TEST_P(ConvBackendTest, PadsWithZeros) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Conv2d(X3(), K2(), Options({.padding = {1, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 4, 4, 1}, {0, 3, 8, 4,      //
                                                          9, 19, 25, 10,   //
                                                          21, 37, 43, 16,  //
                                                          6, 7, 8, 0})));
}

TEST_P(ConvBackendTest, StridesEachAxisOnItsOwn) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      Conv2d(X3(), K2(), Options({.stride = {3, 2}, .padding = {1, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {0, 8, 6, 8})));
}

// The taps of a dilated 2x2 kernel are the corners of the 3x3 image:
// 0*0 + 1*2 + 2*6 + 3*8 = 38.
TEST_P(ConvBackendTest, Dilates) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Conv2d(X3(), K2(), Options({.dilation = {2, 2}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 1, 1}, {38})));
}

// Only a row above the image and a column after it.
TEST_P(ConvBackendTest, PadsEachSideOnItsOwn) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Conv2d(X3(), K2(), Options({.padding = {{1, 0}, {0, 1}}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 3, 1}, {3, 8, 4,     //
                                                          19, 25, 10,  //
                                                          37, 43, 16})));
}

// Channels [0..8] and [1..9] with kernels K2 and K2 + 1, and three such
// filters: K, K + 1, K + 2. Source: the book's section on channels.
TEST_P(ConvBackendTest, AddsUpInputChannelsForEachOutputChannel) {
  Tensor x({1, 3, 3, 2});
  for (int i = 0; i < 9; ++i) {
    x.data()[2 * i] = i;
    x.data()[2 * i + 1] = i + 1;
  }
  Tensor filter({3, 2, 2, 2});
  for (int k = 0; k < 3; ++k) {
    for (int tap = 0; tap < 4; ++tap) {
      filter.data()[(k * 4 + tap) * 2] = tap + k;
      filter.data()[(k * 4 + tap) * 2 + 1] = tap + 1 + k;
    }
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Conv2d(x, filter, Options()));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 2, 2, 3}, {56, 76, 96, 72, 100, 128,  //
                                            104, 148, 192, 120, 172, 224})));
}

// Each case is one where a kernel can go wrong in a way of its own.
std::vector<KernelCase> PlainCases() {
  return {
      ConvCase("OnePixel", Spec(1, 1, {.kernel = {1, 1}}), {1, 1, 1}, 1),
      ConvCase("OnePixelManyChannels", Spec(5, 3, {.kernel = {1, 1}}),
               {1, 1, 5}, 3),
      ConvCase("OnePixelInPadding",
               Spec(1, 2, {.kernel = {3, 3}, .padding = {1, 1}}), {1, 1, 1}, 2),
      ConvCase("LeNetFirst", Spec(1, 6, {.kernel = {5, 5}, .padding = {2, 2}}),
               {28, 28, 1}, 2),
      ConvCase("LeNetSecond", Spec(6, 16, {.kernel = {5, 5}}), {14, 14, 6}, 2),
      ConvCase("SixteenChannels",
               Spec(16, 16, {.kernel = {3, 3}, .padding = {1, 1}}), {6, 6, 16},
               1),
      ConvCase("SeventeenChannels",
               Spec(17, 33, {.kernel = {3, 3}, .padding = {1, 1}}), {5, 7, 17},
               2),
      // Filters whose gradient lanes make from copies, tile by tile.
      ConvCase("LargeFilter",
               Spec(32, 33, {.kernel = {3, 3}, .padding = {1, 0}}), {4, 5, 32},
               2),
      ConvCase("LargeDilatedFilter",
               Spec(33, 31,
                    {.kernel = {3, 3}, .stride = {2, 1}, .dilation = {1, 2}}),
               {5, 6, 33}, 1),
      // Filters whose gradient leaves the lanes.
      ConvCase("ManyTapsOfFewChannels", Spec(4, 7, {.kernel = {3, 4}}),
               {7, 20, 4}, 2),
      ConvCase("OneTap", Spec(31, 47, {.kernel = {1, 1}}), {4, 5, 31}, 2),
      ConvCase("OneTapAndStride",
               Spec(32, 40, {.kernel = {1, 1}, .stride = {3, 2}}), {8, 9, 32},
               2),
      ConvCase(
          "Row",
          Spec(16, 20, {.kernel = {1, 3}, .stride = {2, 1}, .padding = {1, 2}}),
          {7, 9, 16}, 2),
      ConvCase(
          "Column",
          Spec(31, 25, {.kernel = {4, 1}, .stride = {1, 2}, .padding = {2, 0}}),
          {6, 9, 31}, 2),
      ConvCase(
          "StrideOfManyChannels",
          Spec(16, 33, {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}),
          {9, 11, 16}, 2),
      ConvCase("DilationOfManyChannels",
               Spec(16, 19,
                    {.kernel = {3, 2},
                     .stride = {2, 1},
                     .dilation = {2, 3},
                     .padding = {3, 3}}),
               {9, 9, 16}, 2),
      // More output rows than are copied at once.
      ConvCase("ManyBands", Spec(16, 18, {.kernel = {1, 2}}), {50, 8, 16}, 1),
      ConvCase("NoBias", Spec(2, 3, {.kernel = {2, 2}}, false), {4, 5, 2}, 2),
      ConvCase("EvenKernel",
               Spec(2, 3, {.kernel = {2, 4}, .padding = {{0, 1}, {1, 2}}}),
               {5, 6, 2}, 2),
      ConvCase("FlatKernel", Spec(3, 2, {.kernel = {1, 7}}), {3, 9, 3}, 1),
      ConvCase("Stride", Spec(3, 4, {.kernel = {3, 3}, .stride = {2, 2}}),
               {9, 9, 3}, 2),
      ConvCase("StrideLeavesARest",
               Spec(3, 4, {.kernel = {2, 3}, .stride = {3, 2}}), {9, 8, 3}, 2),
      ConvCase("StrideAboveKernel",
               Spec(2, 3, {.kernel = {1, 2}, .stride = {2, 4}}), {6, 9, 2}, 1),
      ConvCase("StrideAndPadding",
               Spec(2, 3,
                    {.kernel = {3, 5},
                     .stride = {3, 4},
                     .padding = {{0, 1}, {1, 0}}}),
               {8, 8, 2}, 2),
      ConvCase(
          "Dilation",
          Spec(2, 3, {.kernel = {3, 2}, .dilation = {2, 3}, .padding = {1, 2}}),
          {7, 8, 2}, 2),
      ConvCase("DilationAndStride",
               Spec(2, 3,
                    {.kernel = {2, 2},
                     .stride = {2, 3},
                     .dilation = {3, 2},
                     .padding = {1, 1}}),
               {9, 10, 2}, 2),
      ConvCase("PaddingAboveKernel",
               Spec(1, 2, {.kernel = {2, 2}, .padding = {3, 3}}), {3, 3, 1}, 1),
      ConvCase("WholeImage", Spec(4, 5, {.kernel = {5, 6}}), {5, 6, 4}, 3),
      ConvCase("MapOfFour", Spec(5, 35, {.kernel = {3, 3}, .padding = {1, 1}}),
               {2, 2, 5}, 2),
      ConvCase("MapOfNine", Spec(6, 51, {.kernel = {3, 3}, .padding = {1, 1}}),
               {3, 3, 6}, 2),
      ConvCase("OneDimension",
               Spec(3, 4, {.kernel = {3}, .stride = {2}, .padding = {1}}),
               {10, 3}, 2),
  };
}

class ConvCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ConvCaseTest, ::testing::ValuesIn(PlainCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ConvCaseTest, XnnpackAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kXnnpack);
}

TEST_P(ConvCaseTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(ConvCaseTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

// Rows of more pixels than a vector holds, with few output channels.
std::vector<KernelCase> WideCases() {
  return {
      ConvCase("OneChannelEach", Spec(1, 1, {.kernel = {3, 3}}), {5, 40, 1}, 2),
      ConvCase("ThreeChannels",
               Spec(3, 3, {.kernel = {3, 3}, .padding = {{1, 0}, {0, 2}}}),
               {4, 19, 3}, 2),
      ConvCase("EightChannels", Spec(2, 8, {.kernel = {2, 3}}), {4, 35, 2}, 2),
      ConvCase(
          "WideStride",
          Spec(2, 5, {.kernel = {3, 4}, .stride = {2, 3}, .padding = {1, 2}}),
          {9, 64, 2}, 2),
      ConvCase(
          "WideDilation",
          Spec(2, 2, {.kernel = {2, 3}, .dilation = {2, 3}, .padding = {1, 1}}),
          {6, 33, 2}, 2),
      ConvCase("WideDilationAndStride",
               Spec(2, 3,
                    {.kernel = {3, 3},
                     .stride = {3, 2},
                     .dilation = {2, 3},
                     .padding = {2, 3}}),
               {11, 45, 2}, 2),
      ConvCase("WideLine", Spec(2, 4, {.kernel = {5}, .padding = {2}}), {50, 2},
               2),
      ConvCase(
          "WideClip",
          Spec(
              1, 2,
              {.kernel = {2, 2, 3}, .stride = {1, 2, 2}, .padding = {1, 0, 1}}),
          {3, 4, 37, 1}, 2),
      ConvCase("FiveTapsAlongRows",
               Spec(1, 19, {.kernel = {5, 5}, .padding = {2, 2}}), {11, 14, 1},
               2),
      ConvCase("FiveTapsAlongRowsOfChannels",
               Spec(4, 9, {.kernel = {5, 5}, .padding = {2, 2}}), {14, 14, 4},
               2),
      ConvCase("FiveTapsAlongOddRowsOfChannels",
               Spec(18, 33, {.kernel = {5, 5}}), {15, 13, 18}, 1),
      ConvCase("FiveTapsOfALine", Spec(32, 24, {.kernel = {5}, .padding = {2}}),
               {41, 32}, 2),
      ConvCase("FiveTapsPaddedOnOneSide",
               Spec(1, 16, {.kernel = {5, 5}, .padding = {{6, 0}, {1, 9}}}),
               {6, 9, 1}, 2),
      // More rows than are computed at once.
      ConvCase("ManyRows", Spec(1, 6, {.kernel = {3, 3}, .padding = {1, 1}}),
               {70, 40, 1}, 1),
  };
}

class ConvWideTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ConvWideTest, ::testing::ValuesIn(WideCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ConvWideTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(ConvCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

TEST(ConvTest, ThreeDimensionsAreNotForXnnpack) {
  const KernelCase c = ConvCase(
      "Clip",
      Spec(2, 3,
           {.kernel = {2, 2, 2}, .stride = {1, 2, 1}, .padding = {1, 0, 1}}),
      {3, 4, 3, 2}, 2);
  CheckGradients(c, Backend::kReference);
  CheckGradients(c, Backend::kLanes);
  CheckAgainstReference(c, Backend::kLanes);
  CheckAgainstReference(c, Backend::kDirect);
  CheckAgainstReference(c, Backend::kXnnpack, /*expect_kernel=*/false);
}

// Rows so large that a gradient that leaves the lanes copies some images at
// once.
TEST(ConvTest, LanesAgreeWithReferenceForLargeRows) {
  CheckAgainstReference(
      ConvCase("LargeRows", Spec(112, 17, {.kernel = {1, 1}}), {2, 50, 112}, 1),
      Backend::kLanes);
}

// Filters whose gradient leaves the lanes, and others. The tiles of sums differ
// from one instruction set to the next.
TEST(ConvTest, GradientsHaveTheSameBitsInEveryWidth) {
  struct Case {
    ConvSpec spec;
    Shape image;
  };
  for (const Case& c : {
           Case{Spec(16, 20, {.kernel = {3, 3}, .padding = {1, 1}}),
                {9, 7, 16}},
           Case{Spec(6, 16, {.kernel = {5, 5}}), {14, 14, 6}},
           Case{Spec(32, 33, {.kernel = {1, 1}, .stride = {2, 2}}), {9, 9, 32}},
           Case{Spec(1, 6, {.kernel = {5, 5}, .padding = {2, 2}}), {28, 28, 1}},
           Case{Spec(33, 31, {.kernel = {3, 3}}), {6, 6, 33}},
       }) {
    const int64_t images = 19;
    Tensor x(*c.image.WithOuter(images));
    Tensor filter(*FilterShape(c.spec));
    Tensor bias({c.spec.output_channels});
    Tensor dy(*OutputShape(c.spec, c.image)->WithOuter(images));
    Random random(/*seed=*/5);
    for (Tensor* tensor : {&x, &filter, &bias, &dy}) {
      FillUniform(-1, 1, random, tensor->span());
    }
    std::vector<Tensor> first;
    ForEachInstructionSet([&](const std::string& name) {
      if (!HasFusedMultiplyAdd(name)) return;
      LENSLET_ASSERT_OK_AND_ASSIGN(
          std::unique_ptr<Kernel> kernel,
          MakeConvKernel(Backend::kLanes, c.spec, c.image, images));
      LENSLET_ASSERT_OK_AND_ASSIGN(
          std::vector<Tensor> gradients,
          GradientsOnce(std::move(kernel), {&x}, {&filter, &bias}, dy));
      if (first.empty()) first = std::move(gradients);
      for (size_t i = 0; i < gradients.size(); ++i) {
        LENSLET_EXPECT_OK(AllClose(gradients[i], first[i], {}))
            << name << ", gradient " << i << " of a filter of "
            << filter.shape();
      }
    });
  }
}

TEST(ConvTest, ThreeDimensionsOfManyChannels) {
  const KernelCase c = ConvCase(
      "DeepClip",
      Spec(16, 17,
           {.kernel = {3, 2, 3}, .stride = {2, 1, 1}, .padding = {2, 1, 1}}),
      {4, 5, 6, 16}, 2);
  CheckGradients(c, Backend::kLanes);
  CheckAgainstReference(c, Backend::kLanes);
}

// 1-D: [1, 2, 3, 4] * [1, -1] = [-1, -1, -1]; a clip of two 1x2 frames whose
// sum is 1 + 2 + 3 + 4.
TEST(ConvTest, OneAndThreeDimensionsByHand) {
  const auto run = [](const ConvSpec& spec, const Shape& image, const Tensor& x,
                      const Tensor& filter) {
    auto kernel = *MakeConvKernel(Backend::kReference, spec, image, 1);
    Tensor y(*OutputShape(spec, image)->WithOuter(1));
    EXPECT_THAT(RunOnce(std::move(kernel), {&x}, {&filter}, y), IsOk());
    return y;
  };
  LENSLET_EXPECT_OK(AllClose(
      run(Spec(1, 1, {.kernel = {2}}, false), {4, 1},
          Tensor::Of({1, 4, 1}, {1, 2, 3, 4}), Tensor::Of({1, 2, 1}, {1, -1})),
      Tensor::Of({1, 3, 1}, {-1, -1, -1})));
  LENSLET_EXPECT_OK(
      AllClose(run(Spec(1, 1, {.kernel = {2, 1, 2}}, false), {2, 1, 2, 1},
                   Tensor::Of({1, 2, 1, 2, 1}, {1, 2, 3, 4}),
                   Tensor::Of({1, 2, 1, 2, 1}, {1, 1, 1, 1})),
               Tensor::Of({1, 1, 1, 1, 1}, {10})));
}

// To the last bit, as executors choose one or the other.
void CheckFusedActivations(Backend backend, int64_t channels, int64_t groups) {
  for (const ActivationKind kind : kActivationKinds) {
    if (!GradientFromOutput(kind)) continue;
    SCOPED_TRACE(absl::StrCat(Name(backend), ", ", channels, " channels in ",
                              groups, " groups, ", Name(kind)));
    const bool depthwise = groups == channels;
    ConvSpec spec =
        Spec(depthwise ? groups : 2 * groups, channels, {.kernel = {3, 3}});
    spec.groups = groups;
    const auto run = [&](std::optional<ActivationSpec> activation) {
      Tensor x({3, 5, 21, spec.input_channels});
      Tensor filter({channels, 3, 3, spec.input_channels / groups});
      Tensor bias({channels});
      Random random(/*seed=*/4);
      for (Tensor* tensor : {&x, &filter, &bias}) {
        FillUniform(-1, 1, random, tensor->span());
      }
      Tensor y({3, 3, 19, channels});
      EXPECT_THAT(
          RunOnce(*MakeConvKernel(backend, spec, {5, 21, spec.input_channels},
                                  3, {.activation = activation}),
                  {&x}, {&filter, &bias}, y),
          IsOk());
      return y;
    };
    const ActivationSpec activation = {
        .kind = kind, .slope = 0.25f, .alpha = 2.0f};
    const Tensor sums = run({});
    Tensor expected(sums.shape());
    EXPECT_THAT(RunOnce(*MakeActivationKernel(backend, activation,
                                              {3, 19, channels}, 3),
                        {&sums}, {}, expected),
                IsOk());
    LENSLET_EXPECT_OK(AllClose(run(activation), expected, {}));
  }
}

TEST(ConvTest, AppliesAnActivationAsTheActivationKernelWould) {
  for (const Backend backend : {Backend::kLanes, Backend::kDirect}) {
    // Few channels, and more than a vector holds.
    CheckFusedActivations(backend, 3, /*groups=*/1);
    CheckFusedActivations(backend, 17, /*groups=*/1);
  }
  CheckFusedActivations(Backend::kDirect, 34, /*groups=*/2);
  CheckFusedActivations(Backend::kDirect, 17, /*groups=*/17);
  CheckFusedActivations(Backend::kLanes, 5, /*groups=*/5);
  CheckFusedActivations(Backend::kLanes, 6, /*groups=*/2);
}

TEST(ConvTest, OtherBackendsApplyNoActivation) {
  for (const Backend backend : {Backend::kReference, Backend::kXnnpack}) {
    EXPECT_THAT(
        MakeConvKernel(backend, Spec(1, 1, {.kernel = {1, 1}}), {1, 1, 1}, 1,
                       {.activation = ActivationSpec{ActivationKind::kTanh}}),
        StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("kernels of ")));
  }
}

TEST(ConvTest, AppliesOnlyActivationsWithAGradientFromTheOutput) {
  for (const Backend backend : {Backend::kLanes, Backend::kDirect}) {
    const auto make = [&](const ActivationSpec& activation) {
      return MakeConvKernel(backend, Spec(1, 1, {.kernel = {1, 1}}), {1, 1, 1},
                            1, {.activation = activation});
    };
    for (const ActivationKind kind : kActivationKinds) {
      if (GradientFromOutput(kind)) continue;
      EXPECT_THAT(
          make({.kind = kind}),
          StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("kernels of ")));
    }
    EXPECT_THAT(make({.kind = ActivationKind::kLeakyRelu, .slope = -1.0f}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("slope is -1; ")));
  }
}

TEST(ConvSpecTest, OutputShapes) {
  const auto shape = [](const Window& window) {
    return *OutputShape(Spec(1, 1, window), {8, 8, 1});
  };
  // The book's section on padding and stride.
  EXPECT_EQ(shape({.kernel = {3, 3}, .padding = {1, 1}}), Shape({8, 8, 1}));
  EXPECT_EQ(shape({.kernel = {5, 3}, .padding = {2, 1}}), Shape({8, 8, 1}));
  EXPECT_EQ(shape({.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}),
            Shape({4, 4, 1}));
  EXPECT_EQ(shape({.kernel = {3, 5}, .stride = {3, 4}, .padding = {0, 1}}),
            Shape({2, 2, 1}));
}

TEST(ConvSpecTest, CostsOfLeNet) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost first, ComputeCost(Spec(1, 6, {.kernel = {5, 5}, .padding = {2, 2}}),
                              {28, 28, 1}));
  EXPECT_EQ(first.multiply_adds, 117600);
  EXPECT_EQ(first.input_bytes, 784 * 4);
  EXPECT_EQ(first.parameter_bytes, 156 * 4);
  EXPECT_EQ(first.output_bytes, 4704 * 4);
  EXPECT_EQ(first.bytes(), (784 + 156 + 4704) * 4);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost second, ComputeCost(Spec(6, 16, {.kernel = {5, 5}}), {14, 14, 6}));
  EXPECT_EQ(second.multiply_adds, 240000);
}

}  // namespace
}  // namespace lenslet
