// Convolutions that are wrong, and what is said about them.

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/testing/small_convs.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

struct RejectedConv {
  std::string name;
  ConvSpec spec;
  Shape image;
  std::string message;
};

class ConvRejectedTest : public ::testing::TestWithParam<RejectedConv> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, ConvRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedConv>{
        {"NoKernel", Spec(1, 1, {}), {3, 3, 1}, "kernel is empty"},
        {"ZeroKernel",
         Spec(1, 1, {.kernel = {0, 2}}),
         {3, 3, 1},
         "kernel [0, 2] has 0; expected a number in [1, 2147483647]"},
        {"ZeroStride",
         Spec(1, 1, {.kernel = {2, 2}, .stride = {1, 0}}),
         {3, 3, 1},
         "stride [1, 0] has 0"},
        {"NegativeStride",
         Spec(1, 1, {.kernel = {2, 2}, .stride = {-1, 1}}),
         {3, 3, 1},
         "stride [-1, 1] has -1"},
        {"ZeroDilation",
         Spec(1, 1, {.kernel = {2, 2}, .dilation = {0, 1}}),
         {3, 3, 1},
         "dilation [0, 1] has 0"},
        {"NegativePadding",
         Spec(1, 1, {.kernel = {2, 2}, .padding = {{0, 0}, {0, -1}}}),
         {3, 3, 1},
         "padding after [0, -1] has -1; expected a number in [0, 2147483647]"},
        {"HugeDilation",
         Spec(1, 1, {.kernel = {2, 2}, .dilation = {int64_t{1} << 62, 1}}),
         {3, 3, 1},
         "dilation [4611686018427387904, 1] has 4611686018427387904"},
        {"OneStrideForTwoAxes",
         Spec(1, 1, {.kernel = {2, 2}, .stride = {1}}),
         {3, 3, 1},
         "stride [1] has 1 number; expected 2, as many as the kernel"},
        {"NoInputChannels",
         Spec(0, 1, {.kernel = {2, 2}}),
         {3, 3, 0},
         "input_channels is 0"},
        {"NegativeOutputChannels",
         Spec(1, -6, {.kernel = {2, 2}}),
         {3, 3, 1},
         "output_channels is -6"},
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
        {"WindowAboveImage",
         Spec(1, 1,
              {.kernel = {2, 3},
               .dilation = {1, 3},
               .padding = {{0, 1}, {0, 2}}}),
         {3, 3, 1},
         "kernel [2, 3] with dilation [1, 3] covers 7 positions of axis 1, "
         "more than the padded input's 6 (input [3, 3], padding [0, 1] before "
         "and [0, 2] after)"},
        {"TooManyMultiplyAdds",
         Spec(1 << 20, 1 << 20,
              {.kernel = {1 << 10, 1 << 10}, .padding = {1 << 20, 1 << 20}}),
         {1, 1, 1 << 20},
         "more multiply-adds than 64 bits can count"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(ConvRejectedTest, SaysWhy) {
  const RejectedConv& r = GetParam();
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        MakeConvKernel(backend, r.spec, r.image, 1),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(r.message)));
  }
}

// XNNPACK keeps a pointer for each of 10^6 taps at each of 2 * 10^6 positions.
TEST(ConvTest, RefusesWindowsThatXnnpackHasNoMemoryFor) {
  EXPECT_THAT(MakeConvKernel(
                  Backend::kXnnpack,
                  Spec(1, 1, {.kernel = {1001, 1001}, .padding = {500, 500}}),
                  {1000, 1000, 1}, 1),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("not enough memory for a convolution")));
}

// A stride as large as the padding leaves a small output of an input that is
// padded to 2^64 positions.
TEST(ConvTest, RefusesPaddingBeyondCounting) {
  constexpr int64_t kMost = 2147483647;
  const ConvSpec spec = Spec(
      1, 1,
      {.kernel = {1, 1}, .stride = {kMost, kMost}, .padding = {kMost, kMost}});
  for (const Backend backend : {Backend::kLanes, Backend::kDirect}) {
    auto kernel = MakeConvKernel(backend, spec, {2, 2, 1}, 1);
    absl::Status status = kernel.status();
    if (kernel.ok()) {
      Tensor x({1, 2, 2, 1}), filter({1, 1, 1, 1}), bias({1});
      Tensor y({1, 3, 3, 1});
      status = RunOnce(*std::move(kernel), {&x}, {&filter, &bias}, y);
    }
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr("64 bits can count")));
  }
}

TEST(ConvTest, TheSimpleCallNamesTheWrongArgument) {
  const Tensor x({1, 3, 3, 1});
  const Tensor filter({1, 2, 2, 1});
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Conv2d(Tensor({3, 3}), filter),
              StatusIs(code, HasSubstr("x is float32 [3, 3]; expected float32 "
                                       "[N, H, W, Cin]")));
  EXPECT_THAT(Conv2d(Tensor({1, 3, 3, 1}, ElementType::kUint8), filter),
              StatusIs(code, HasSubstr("x is uint8 [1, 3, 3, 1]")));
  EXPECT_THAT(Conv2d(x, Tensor({2, 2})),
              StatusIs(code, HasSubstr("filter is float32 [2, 2]")));
  EXPECT_THAT(Conv2d(x, filter, Tensor({2})),
              StatusIs(code, HasSubstr("bias has shape [2], filter [1, 2, 2, "
                                       "1] has 1 output channels")));
  EXPECT_THAT(Conv2d(x, filter, Tensor({1, 1})),
              StatusIs(code, HasSubstr("bias is float32 [1, 1]")));
  EXPECT_THAT(Conv2d(Tensor({0, 3, 3, 1}), filter),
              StatusIs(code, HasSubstr("x of shape [0, 3, 3, 1] holds no "
                                       "images")));
}

}  // namespace
}  // namespace lenslet
