// What pooling rejects.

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

struct RejectedPool {
  std::string name;
  PoolSpec spec;
  Shape image;
  std::string message;
};

class PoolRejectedTest : public ::testing::TestWithParam<RejectedPool> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, PoolRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedPool>{
        {"NoKernel", {}, {3, 3, 1}, "kernel is empty"},
        {"ZeroStride",
         {.window = {.kernel = {2, 2}, .stride = {0, 1}}},
         {3, 3, 1},
         "stride [0, 1] has 0; expected a number in [1, 2147483647]"},
        {"WindowAboveImage",
         {.window = {.kernel = {2, 4}}},
         {3, 3, 1},
         "covers 4 positions of axis 1, more than the padded input's 3"},
        {"WindowAboveImageRoundedUp",
         {.window = {.kernel = {2, 5}, .stride = {2, 2}},
          .rounding = Rounding::kCeil},
         {3, 3, 1},
         "covers 5 positions of axis 1, more than the padded input's 3"},
        {"PaddingAsLargeAsTheWindow",
         {.window = {.kernel = {2, 2}, .padding = {{0, 0}, {0, 2}}}},
         {3, 3, 1},
         "padding [0, 2] is 2 on axis 1; expected less than 2, the number of "
         "positions that the window covers"},
        {"WindowOnPaddingAlone",
         {.window = {.kernel = {2, 2},
                     .stride = {1, 1},
                     .dilation = {1, 30},
                     .padding = {{0, 29}, {0, 29}}}},
         {28, 28, 1},
         "dilation [1, 30] is 30 on axis 1; expected at most 28, the size of "
         "the input"},
        {"OtherDimensions",
         {.window = {.kernel = {2, 2}}},
         {9, 1},
         "an image of shape [9, 1] has 2 dimensions"},
        {"NoChannels",
         {.window = {.kernel = {2, 2}}},
         {3, 3, 0},
         "an image of shape [3, 3, 0] has no channels"},
        {"ZeroTemperature",
         {.window = {.kernel = {2, 2}}, .temperature = 0},
         {3, 3, 1},
         "temperature is 0; expected a finite number above 0"},
        {"NegativeTemperature",
         {.window = {.kernel = {2, 2}}, .temperature = -1},
         {3, 3, 1},
         "temperature is -1; expected a finite number above 0"},
        {"InfiniteTemperature",
         {.window = {.kernel = {2, 2}},
          .temperature = std::numeric_limits<double>::infinity()},
         {3, 3, 1},
         "temperature is inf; expected a finite number above 0"},
        {"NanTemperature",
         {.window = {.kernel = {2, 2}},
          .temperature = std::numeric_limits<double>::quiet_NaN()},
         {3, 3, 1},
         "temperature is nan; expected a finite number above 0"},
        {"ZeroOutput",
         {.output = {2, 0}},
         {3, 3, 1},
         "output [2, 0] has 0; expected a number in [1, 2147483647]"},
        {"OutputAndKernel",
         {.window = {.kernel = {2, 2}}, .output = {2, 2}},
         {3, 3, 1},
         "output [2, 2] chooses the windows"},
        {"OutputAndPadding",
         {.window = {.padding = {1, 1}}, .output = {2, 2}},
         {3, 3, 1},
         "output [2, 2] chooses the windows"},
        {"OutputOfOtherDimensions",
         {.output = {2, 2}},
         {9, 1},
         "an image of shape [9, 1] has 2 dimensions; output [2, 2] and "
         "channels need 3"},
        {"OutputOfNothing",
         {.output = {2, 2}},
         {3, 0, 1},
         "input size [3, 0] has 0; expected a number in [1, 2147483647]"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(PoolRejectedTest, SaysWhy) {
  const RejectedPool& r = GetParam();
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        MakePoolKernel(backend, r.spec, r.image, 1),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(r.message)));
  }
}

TEST(PoolErrorsTest, TheSimpleCallNamesTheWrongArgument) {
  EXPECT_THAT(MaxPool2d(Tensor({3, 3}), {2, 2}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("x is float32 [3, 3]; expected float32 [N, H, "
                                 "W, C]")));
  EXPECT_THAT(
      AvgPool2d(Tensor({1, 3, 3, 1}), {4, 4}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kernel [4, 4]")));
  EXPECT_THAT(Pool(Tensor({1, 3, 3, 1}), {.output = {2}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("x is float32 [1, 3, 3, 1]; expected float32 "
                                 "[N, L, C]")));
  EXPECT_THAT(Pool(Tensor({1, 3, 3, 1}), {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("kernel is empty")));
  EXPECT_THAT(GlobalPool(PoolKind::kMax, Tensor({3, 3})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("x is float32 [3, 3]; expected float32 [N, L, "
                                 "C]")));
}

TEST(PoolErrorsTest, XnnpackSaysWhatItLacks) {
  const auto expect = [&](const PoolSpec& spec, const std::string& message) {
    EXPECT_THAT(Pool(Tensor({1, 5, 5, 1}), spec, Backend::kXnnpack),
                StatusIs(absl::StatusCode::kUnimplemented, message));
  };
  const std::string kinds = "XNNPACK has only maximum and average pooling";
  expect({.kind = PoolKind::kMin, .window = {.kernel = {2, 2}}}, kinds);
  expect({.kind = PoolKind::kSoftmax, .window = {.kernel = {2, 2}}}, kinds);
  expect({.output = {2, 1}},
         "XNNPACK has no pooling over windows of different sizes");
}

// A window's average has memory for its channels on the stack.
TEST(PoolErrorsTest, XnnpackHasNoAverageOfVeryManyChannels) {
  const auto make = [](const PoolSpec& spec, int64_t channels) {
    return MakePoolKernel(Backend::kXnnpack, spec, {3, 3, channels}, 1)
        .status();
  };
  const PoolSpec all = {.kind = PoolKind::kAverage, .output = {1, 1}};
  const PoolSpec some = {.kind = PoolKind::kAverage,
                         .window = {.kernel = {2, 2}}};
  for (const PoolSpec& spec : {all, some}) {
    LENSLET_EXPECT_OK(make(spec, 65536));
    EXPECT_THAT(make(spec, 4000000),
                StatusIs(absl::StatusCode::kUnimplemented,
                         HasSubstr("no average of 4000000 channels")));
  }
}

}  // namespace
}  // namespace lenslet
