// Groups, padding modes, flipped filters and tables of connections: by hand, in
// other words, and what is rejected.

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_case.h"
#include "lenslet/ops/conv/testing/small_convs.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

using Connections = std::vector<std::vector<int64_t>>;

Tensor RandomTensor(const Shape& shape, uint64_t seed) {
  Tensor x(shape);
  Random random(seed);
  FillUniform(-1, 1, random, x.span());
  return x;
}

class ConvVariantsTest : public ::testing::TestWithParam<Backend> {
 protected:
  ConvOptions Options(ConvOptions options) {
    options.backend = GetParam();
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, ConvVariantsTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// By hand:
//
//   0 1 2     0 1     0*3+1*2+3*1+4*0  1*3+2*2+4*1+5*0      5 11
//   3 4 5  *  2 3  =  3*3+4*2+6*1+7*0  4*3+5*2+7*1+8*0  =  23 29
//   6 7 8
TEST_P(ConvVariantsTest, StrictConvolutionReadsTheFilterFromItsEnd) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Conv2d(X3(), Tensor::Of({1, 2, 2, 1}, {0, 1, 2, 3}),
                       Options({.flip = true})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {5, 11, 23, 29})));
}

// The same with the kernel's size - 1 as padding; image and filter change
// places.
TEST_P(ConvVariantsTest, FullStrictConvolutionCommutes) {
  const std::initializer_list<float> k2 = {0, 1, 2, 3};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Conv2d(X3(), Tensor::Of({1, 2, 2, 1}, k2),
                       Options({.padding = {1, 1}, .flip = true})));
  const Tensor expected = Tensor::Of({1, 4, 4, 1}, {0, 0, 1, 2,     //
                                                    0, 5, 11, 11,   //
                                                    6, 23, 29, 23,  //
                                                    12, 32, 37, 24});
  LENSLET_EXPECT_OK(AllClose(y, expected));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, Conv2d(Tensor::Of({1, 2, 2, 1}, k2), X3(),
                Options({.padding = {2, 2}, .flip = true})));
  LENSLET_EXPECT_OK(AllClose(y, expected));
}

// Channels [0..8] and [1..9], kernels K and K + 1, without a sum over channels:
// 1*1 + 2*2 + 4*3 + 5*4 = 37.
TEST_P(ConvVariantsTest, AsManyGroupsAsChannelsKeepChannelsApart) {
  Tensor x({1, 3, 3, 2});
  for (int i = 0; i < 9; ++i) {
    x.data()[2 * i] = i;
    x.data()[2 * i + 1] = i + 1;
  }
  const Tensor filter = Tensor::Of({2, 2, 2, 1}, {0, 1, 2, 3, 1, 2, 3, 4});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      Conv2d(x, filter, Tensor::Of({2}, {100, 200}), Options({.groups = 2})));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 2, 2, 2}, {119, 237, 125, 247,  //
                                            137, 267, 143, 277})));
}

// Of channels 1 2 3 4 the first two go into two outputs, the last two into two
// others: 1*1 + 10*2, 100*1 + 1000*2, 1*3 + 10*4, 100*3 + 1000*4.
TEST_P(ConvVariantsTest, AGroupReadsItsChannels) {
  const Tensor x = Tensor::Of({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor filter =
      Tensor::Of({4, 1, 1, 2}, {1, 10, 100, 1000, 1, 10, 100, 1000});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y,
                               Conv2d(x, filter, Options({.groups = 2})));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 1, 1, 4}, {21, 2100, 43, 4300})));
}

// The line 1 2 3 is 0 1 2 3 0, 2 1 2 3 2 or 1 1 2 3 3 with its padding; numbers
// times 1, 10 and 100.
TEST_P(ConvVariantsTest, PaddingHoldsWhatItsModeSays) {
  const Tensor x = Tensor::Of({1, 3, 1}, {1, 2, 3});
  const Tensor filter = Tensor::Of({1, 3, 1}, {1, 10, 100});
  const auto run = [&](PaddingMode mode) {
    return Conv1d(x, filter, Options({.padding = {1}, .padding_mode = mode}));
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, run(PaddingMode::kZero));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 1}, {210, 321, 32})));
  LENSLET_ASSERT_OK_AND_ASSIGN(y, run(PaddingMode::kReflect));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 1}, {212, 321, 232})));
  LENSLET_ASSERT_OK_AND_ASSIGN(y, run(PaddingMode::kReplicate));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 1}, {211, 321, 332})));
}

// Channels 1 and 10: the first output reads the second, the other both.
TEST_P(ConvVariantsTest, ATableSaysWhichChannelsAreConnected) {
  const ConvSpec spec = {.input_channels = 2,
                         .output_channels = 2,
                         .window = {.kernel = {1}},
                         .has_bias = false,
                         .connections = {{1}, {0, 1}}};
  LENSLET_ASSERT_OK_AND_ASSIGN(auto kernel,
                               MakeConvKernel(GetParam(), spec, {1, 2}, 1));
  const Tensor x = Tensor::Of({1, 1, 2}, {1, 10});
  const Tensor filter = Tensor::Of({3, 1}, {2, 3, 4});
  Tensor y({1, 1, 2});
  LENSLET_ASSERT_OK(RunOnce(std::move(kernel), {&x}, {&filter}, y));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 2}, {20, 43})));
}

TEST(ConvVariantsTest, OneAndThreeDimensionsByHand) {
  for (const Backend backend : kBackends) {
    SCOPED_TRACE(std::string(Name(backend)));
    const ConvOptions options = {.backend = backend};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y,
        Conv1d(Tensor::Of({1, 4, 1}, {1, 2, 3, 4}),
               Tensor::Of({1, 2, 1}, {1, -1}), Tensor::Of({1}, {10}), options));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 3, 1}, {9, 9, 9})));
    // XNNPACK has no third dimension.
    if (backend == Backend::kXnnpack) continue;
    // Two frames of one row of two pixels of two channels: 1 + 3 + 5 + 7 and
    // 2 + 4 + 6 + 8.
    const Tensor x = Tensor::Of({1, 2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    LENSLET_ASSERT_OK_AND_ASSIGN(
        y, Conv3d(x, Tensor::Of({2, 2, 1, 2, 1}, {1, 1, 1, 1, 1, 1, 1, 1}),
                  {.groups = 2, .backend = backend}));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 1, 1, 2}, {16, 20})));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        y, Conv3d(x, Tensor::Of({1, 2, 1, 2, 2}, {1, 0, 1, 0, 1, 0, 1, 0}),
                  Tensor::Of({1}, {100}), options));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 1, 1, 1}, {116})));
  }
}

// XNNPACK's deconvolution, which the input's gradient is, writes before its
// memory where a side of the image is smaller than the stride.
TEST(ConvVariantsTest, XnnpackHasNoGradientOfAStrideAboveTheImage) {
  for (const Shape& image : {Shape{1, 1, 4}, Shape{1, 9, 4}, Shape{9, 4, 4}}) {
    KernelCase c = ConvCase(
        "StrideAboveTheImage",
        {.input_channels = 4,
         .output_channels = 8,
         .window = {.kernel = {5, 5}, .stride = {5, 5}, .padding = {2, 2}}},
        image, 2);
    CheckAgainstReference(c, Backend::kLanes);
    CheckAgainstReference(c, Backend::kXnnpack, /*expect_kernel=*/false);
    c.training = false;
    CheckAgainstReference(c, Backend::kXnnpack);
  }
}

// A filter of one frame and an image of one frame make a convolution of images,
// but for padding: here the only position of the filter is on it.
TEST(ConvVariantsTest, FramesOfPaddingAreAThirdDimension) {
  for (const int64_t before : {0, 1}) {
    const KernelCase c = ConvCase(
        "PaddedDepth",
        {.input_channels = 2,
         .output_channels = 3,
         .window = {.kernel = {1, 1, 1},
                    .stride = {3, 3, 3},
                    .padding = Padding(Axes{before, 0, 0}, Axes{1, 0, 0})}},
        {1, 3, 3, 2}, 2);
    CheckAgainstReference(c, Backend::kLanes);
    CheckAgainstReference(c, Backend::kDirect);
    CheckAgainstReference(c, Backend::kXnnpack, /*expect_kernel=*/false);
  }
}

// Definitions that say the same in another way.
TEST(ConvVariantsTest, PaddingFirstIsTheSame) {
  const Tensor x = RandomTensor({2, 4, 5, 3}, 1);
  const Tensor filter = RandomTensor({2, 3, 2, 3}, 2);
  for (const PaddingMode mode :
       {PaddingMode::kZero, PaddingMode::kReflect, PaddingMode::kReplicate}) {
    const Padding padding = {{3, 0}, {1, 4}};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y,
        Conv2d(x, filter,
               {.stride = {2, 1}, .padding = padding, .padding_mode = mode}));
    LENSLET_ASSERT_OK_AND_ASSIGN(Tensor padded, Pad(x, padding, mode));
    LENSLET_ASSERT_OK_AND_ASSIGN(Tensor expected,
                                 Conv2d(padded, filter, {.stride = {2, 1}}));
    LENSLET_EXPECT_OK(AllClose(y, expected, {}));
  }
}

TEST(ConvVariantsTest, AFullTableIsNoTable) {
  const Tensor x = RandomTensor({2, 4, 5, 2}, 3);
  const Tensor filter = RandomTensor({3, 2, 2, 2}, 4);
  // From [k, t, c] to [k, c, t].
  Tensor pairs({6, 2, 2});
  for (int k = 0; k < 3; ++k) {
    for (int tap = 0; tap < 4; ++tap) {
      for (int c = 0; c < 2; ++c) {
        pairs.data()[(k * 2 + c) * 4 + tap] =
            filter.data()[(k * 4 + tap) * 2 + c];
      }
    }
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor expected, Conv2d(x, filter));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      auto kernel, MakeConvKernel(Backend::kReference,
                                  {.input_channels = 2,
                                   .output_channels = 3,
                                   .window = {.kernel = {2, 2}},
                                   .has_bias = false,
                                   .connections = {{0, 1}, {0, 1}, {0, 1}}},
                                  {4, 5, 2}, 2));
  Tensor y(expected.shape());
  LENSLET_ASSERT_OK(RunOnce(std::move(kernel), {&x}, {&pairs}, y));
  LENSLET_EXPECT_OK(AllClose(y, expected, {}));
}

// 60 kernels of 25 and 16 biases, at 10x10 positions.
TEST(ConvVariantsTest, TheTableOf1998CountsAsInThePaper) {
  const ConvSpec spec = {.input_channels = 6,
                         .output_channels = 16,
                         .window = {.kernel = {5, 5}},
                         .connections = LeNet5Connections()};
  EXPECT_EQ(*FilterShape(spec), Shape({60, 5, 5}));
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost, ComputeCost(spec, {14, 14, 6}));
  EXPECT_EQ(cost.parameter_bytes, 1516 * 4);
  EXPECT_EQ(cost.multiply_adds, 60 * 25 * 100);
}

// Groups divide parameters and operations.
TEST(ConvVariantsTest, GroupsCostTheirPart) {
  ConvSpec spec = {
      .input_channels = 8, .output_channels = 12, .window = {.kernel = {3, 3}}};
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost whole, ComputeCost(spec, {6, 6, 8}));
  spec.groups = 4;
  EXPECT_EQ(*FilterShape(spec), Shape({12, 3, 3, 2}));
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost groups, ComputeCost(spec, {6, 6, 8}));
  EXPECT_EQ(groups.multiply_adds * 4, whole.multiply_adds);
  EXPECT_EQ(groups.parameter_bytes, (12 * 9 * 2 + 12) * 4);
}

// Composed kernels compute nothing after them. Groups need no composition.
TEST(ConvVariantsTest, OnlyPlainConvolutionsFuse) {
  const auto make = [](Backend backend, int64_t groups, bool flip) {
    const ConvSpec spec = {.input_channels = 4,
                           .output_channels = 4,
                           .window = {.kernel = {2, 2}},
                           .groups = groups,
                           .flip = flip};
    return MakeConvKernel(
        backend, spec, {3, 3, 4}, 1,
        {.activation = ActivationSpec{ActivationKind::kTanh}});
  };
  const auto fuses_nothing =
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("kernels of "));
  for (const int64_t groups : {1, 2, 4}) {
    EXPECT_THAT(make(Backend::kLanes, groups, /*flip=*/true), fuses_nothing);
    EXPECT_THAT(make(Backend::kDirect, groups, /*flip=*/true), fuses_nothing);
    LENSLET_EXPECT_OK(make(Backend::kLanes, groups, /*flip=*/false).status());
    LENSLET_EXPECT_OK(make(Backend::kDirect, groups, /*flip=*/false).status());
  }
}

struct RejectedVariant {
  std::string name;
  ConvSpec spec;
  Shape image;
  std::string message;
};

ConvSpec Grouped(int64_t in, int64_t out, int64_t groups) {
  return {.input_channels = in,
          .output_channels = out,
          .window = {.kernel = {2, 2}},
          .groups = groups};
}

ConvSpec Connected(Connections connections) {
  return {.input_channels = 3,
          .output_channels = 2,
          .window = {.kernel = {2, 2}},
          .connections = std::move(connections)};
}

class ConvVariantsRejectedTest
    : public ::testing::TestWithParam<RejectedVariant> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, ConvVariantsRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedVariant>{
        {"NoGroups",
         Grouped(4, 4, 0),
         {3, 3, 4},
         "groups is 0; expected a number in [1, 2147483647]"},
        {"HugeGroups",
         Grouped(4, 4, int64_t{1} << 62),
         {3, 3, 4},
         "groups is 4611686018427387904; expected a number in [1, 2147483647]"},
        {"GroupsThatDoNotDivideTheInput",
         Grouped(16, 6, 3),
         {3, 3, 16},
         "groups is 3; expected a divisor of the 16 input channels"},
        {"GroupsThatDoNotDivideTheOutput",
         Grouped(6, 16, 3),
         {3, 3, 6},
         "groups is 3; expected a divisor of the 16 output channels"},
        {"ReflectionAsLargeAsTheInput",
         {.input_channels = 1,
          .output_channels = 1,
          .window = {.kernel = {2, 2}, .padding = {{0, 0}, {2, 3}}},
          .padding_mode = PaddingMode::kReflect},
         {3, 3, 1},
         "padding after [2, 3] reflects 3 positions of axis 1; expected at "
         "most 2, as the input is [3, 3]"},
        {"GroupsAndConnections",
         {.input_channels = 2,
          .output_channels = 2,
          .window = {.kernel = {2, 2}},
          .groups = 2,
          .connections = {{0}, {1}}},
         {3, 3, 2},
         "groups is 2 and there are connections; expected only one of the two"},
        {"TooFewConnections",
         Connected({{0, 1}}),
         {3, 3, 3},
         "connections has 1 list; expected 2, one for each output channel"},
        {"NoConnections",
         Connected({{0, 1}, {}}),
         {3, 3, 3},
         "the connections of output channel 1 list no input channels; expected "
         "at least 1"},
        {"UnknownChannel",
         Connected({{0, 3}, {1}}),
         {3, 3, 3},
         "the connections of output channel 0 list input channel 3; expected a "
         "number in [0, 2]"},
        {"NegativeChannel",
         Connected({{0}, {-1, 2}}),
         {3, 3, 3},
         "the connections of output channel 1 list input channel -1; expected "
         "a number in [0, 2]"},
        {"ChannelTwice",
         Connected({{0}, {1, 1}}),
         {3, 3, 3},
         "the connections of output channel 1 list input channel 1 after 1; "
         "expected ascending order"},
        {"DescendingChannels",
         Connected({{2, 0}, {1}}),
         {3, 3, 3},
         "the connections of output channel 0 list input channel 0 after 2"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(ConvVariantsRejectedTest, SaysWhy) {
  const RejectedVariant& r = GetParam();
  const auto error =
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(r.message));
  for (Backend backend : kBackends) {
    EXPECT_THAT(MakeConvKernel(backend, r.spec, r.image, 1), error);
  }
}

TEST(ConvVariantsTest, TheSimpleCallsNameTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Conv1d(X3(), Tensor({1, 2, 1})),
              StatusIs(code, HasSubstr("x is float32 [1, 3, 3, 1]; expected "
                                       "float32 [N, L, Cin]")));
  EXPECT_THAT(Conv3d(Tensor({1, 1, 1, 1, 1}), Tensor({1, 1, 1, 1})),
              StatusIs(code, HasSubstr("filter is float32 [1, 1, 1, 1]; "
                                       "expected float32 [Cout, Kd, Kh, Kw, "
                                       "Cin]")));
  const Tensor x({1, 3, 3, 4});
  EXPECT_THAT(
      Conv2d(x, Tensor({3, 2, 2, 2}), {.groups = 2}),
      StatusIs(
          code,
          HasSubstr(
              "groups is 2; expected a divisor of the 3 output channels")));
  EXPECT_THAT(Conv2d(x, Tensor({2, 2, 2, 1}), {.groups = 2}),
              StatusIs(code, HasSubstr("input has 4 channels; expected "
                                       "2")));
  EXPECT_THAT(Conv2d(x, Tensor({2, 2, 2, 2}), {.groups = -1}),
              StatusIs(code, HasSubstr("groups is -1")));
  EXPECT_THAT(
      Conv2d(x, Tensor({2, 2, 2, 2}), {.groups = int64_t{1} << 62}),
      StatusIs(code, HasSubstr("input_channels is 9223372036854775807")));
}

}  // namespace
}  // namespace lenslet
