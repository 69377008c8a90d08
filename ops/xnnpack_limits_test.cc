#include "lenslet/ops/xnnpack_limits.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

Window Over(const Axes& kernel, const Axes& stride = {1, 1, 1},
            const Axes& dilation = {1, 1, 1}) {
  return {.kernel = kernel,
          .stride = stride,
          .dilation = dilation,
          .padding = {{0, 0, 0}, {0, 0, 0}}};
}

TEST(XnnpackLimitsTest, AWindowHasNoDepthAnywhere) {
  const Axes image = {1, 5, 5};
  const Axes clip = {2, 5, 5};
  const Window flat = Over({1, 3, 3});
  LENSLET_EXPECT_OK(CheckXnnWindow("pooling", flat, image, image));
  Window before = flat;
  before.padding.before[0] = 1;
  Window after = flat;
  after.padding.after[0] = 1;
  const auto deep =
      StatusIs(absl::StatusCode::kUnimplemented,
               "XNNPACK has no pooling over three spatial dimensions");
  EXPECT_THAT(CheckXnnWindow("pooling", flat, clip, image), deep);
  EXPECT_THAT(CheckXnnWindow("pooling", flat, image, clip), deep);
  EXPECT_THAT(CheckXnnWindow("pooling", Over({2, 3, 3}), image, image), deep);
  EXPECT_THAT(CheckXnnWindow("pooling", before, image, image), deep);
  EXPECT_THAT(CheckXnnWindow("pooling", after, image, image), deep);
}

TEST(XnnpackLimitsTest, TapsAreCountedInBits) {
  const Axes image = {1, 5, 5};
  const int64_t many = int64_t{1} << 16;
  LENSLET_EXPECT_OK(
      CheckXnnWindow("pooling", Over({1, many, many / 2 - 1}), image, image));
  EXPECT_THAT(
      CheckXnnWindow("pooling", Over({1, many, many / 2}), image, image),
      StatusIs(absl::StatusCode::kUnimplemented,
               HasSubstr("kernel of [1, 65536, 32768]")));
}

TEST(XnnpackLimitsTest, ADeconvolutionHasAStrideOfPositions) {
  const auto check = [](const Window& window, const Axes& output) {
    return CheckXnnDeconvolution(window, output, 3, 4);
  };
  const auto refused =
      StatusIs(absl::StatusCode::kUnimplemented,
               HasSubstr("it needs a stride of positions along each axis"));
  for (const int axis : {1, 2}) {
    Axes stride = {1, 1, 1};
    stride[axis] = 3;
    Axes image = {1, 9, 9};
    image[axis] = 2;
    EXPECT_THAT(check(Over({1, 5, 5}, stride), image), refused);
    image[axis] = 3;
    LENSLET_EXPECT_OK(check(Over({1, 5, 5}, stride), image));
  }
  // These are not cut.
  const Axes pixel = {1, 1, 1};
  LENSLET_EXPECT_OK(check(Over({1, 5, 5}), pixel));
  LENSLET_EXPECT_OK(check(Over({1, 2, 2}, {1, 3, 2}), pixel));
  LENSLET_EXPECT_OK(check(Over({1, 2, 2}, {1, 2, 3}), pixel));
  LENSLET_EXPECT_OK(check(Over({1, 5, 5}, {1, 3, 3}, {1, 1, 2}), pixel));
  LENSLET_EXPECT_OK(check(Over({1, 5, 5}, {1, 3, 3}, {1, 2, 1}), pixel));
}

TEST(XnnpackLimitsTest, ADeconvolutionsFiltersAreCountedInBits) {
  const Axes image = {1, 9, 9};
  const int64_t channels = int64_t{1} << 14;
  LENSLET_EXPECT_OK(
      CheckXnnDeconvolution(Over({1, 1, 3}), image, channels, channels));
  EXPECT_THAT(CheckXnnDeconvolution(Over({1, 1, 4}), image, channels, channels),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("from 16384 to 16384 channels")));
}

TEST(XnnpackLimitsTest, AnAveragesChannelsFitTheStack) {
  LENSLET_EXPECT_OK(CheckXnnAverage(int64_t{1} << 16));
  EXPECT_THAT(CheckXnnAverage((int64_t{1} << 16) + 1),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("no average of 65537 channels")));
}

TEST(XnnpackLimitsTest, SettingUpNeedsMemoryForPointers) {
  const int64_t large = int64_t{1} << 30;
  const Axes output = {1, large, large};
  const Window window = Over({1, 7, 7}, {1, 2, 2});
  const auto refused = StatusIs(absl::StatusCode::kResourceExhausted,
                                HasSubstr("not enough memory for a"));
  EXPECT_THAT(CheckXnnConvolution(window, output, false), refused);
  EXPECT_THAT(CheckXnnDeconvolution(window, output, 1, 1), refused);
  EXPECT_THAT(CheckXnnPool(window, output), refused);
  LENSLET_EXPECT_OK(CheckXnnConvolution(window, {1, 9, 9}, false));
  LENSLET_EXPECT_OK(CheckXnnConvolution(window, {1, 9, 9}, true));
  LENSLET_EXPECT_OK(CheckXnnDeconvolution(window, {1, 9, 9}, 1, 1));
  LENSLET_EXPECT_OK(CheckXnnPool(window, {1, 9, 9}));
  // Of a depthwise one, also between windows.
  const Window apart = Over({1, 1, 3}, {1, 1, int64_t{1} << 40});
  LENSLET_EXPECT_OK(CheckXnnConvolution(apart, {1, 1, 2}, false));
  EXPECT_THAT(CheckXnnConvolution(apart, {1, 1, 2}, true), refused);
}

}  // namespace
}  // namespace lenslet
