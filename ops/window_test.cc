#include "lenslet/ops/window.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

TEST(WindowTest, ResolveFillsInWhatIsEmpty) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Window window,
                               Resolve({.kernel = {5, 3}}, {2, 4}));
  EXPECT_EQ(window.kernel, (Axes{5, 3}));
  EXPECT_EQ(window.stride, (Axes{2, 4}));
  EXPECT_EQ(window.dilation, (Axes{1, 1}));
  EXPECT_EQ(window.padding.before, (Axes{0, 0}));
  EXPECT_EQ(window.padding.after, (Axes{0, 0}));
}

TEST(WindowTest, ResolveKeepsWhatIsGiven) {
  const Window window = {.kernel = {5, 3, 1},
                         .stride = {1, 2, 3},
                         .dilation = {4, 5, 6},
                         .padding = {{0, 1, 2}, {3, 4, 5}}};
  LENSLET_ASSERT_OK_AND_ASSIGN(Window resolved, Resolve(window, {9, 9, 9}));
  EXPECT_EQ(resolved, window);
}

TEST(WindowTest, ResolveFillsInOneSideOfThePadding) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Window window,
      Resolve({.kernel = {2, 2}, .padding = {{}, {1, 2}}}, {1, 1}));
  EXPECT_EQ(window.padding, Padding({0, 0}, {1, 2}));
}

TEST(WindowTest, PaddingOfOneListIsForBothSides) {
  EXPECT_EQ(Padding({1, 2}), Padding({1, 2}, {1, 2}));
}

struct Rejected {
  std::string name;
  Window window;
  Axes default_stride;
  std::string message;
};

class WindowRejectedTest : public ::testing::TestWithParam<Rejected> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, WindowRejectedTest,
    ::testing::ValuesIn(std::vector<Rejected>{
        {"NoKernel", {}, {}, "kernel is empty; its sizes are needed"},
        {"ZeroKernel",
         {.kernel = {2, 0}},
         {1, 1},
         "kernel [2, 0] has 0; expected a number in [1, 2147483647]"},
        {"HugeKernel",
         {.kernel = {kMaxAxisSize + 1}},
         {1},
         "kernel [2147483648] has 2147483648; expected a number in [1, "
         "2147483647]"},
        {"ShortStride",
         {.kernel = {2, 2}, .stride = {1}},
         {1, 1},
         "stride [1] has 1 number; expected 2, as many as the kernel"},
        {"NegativeStride",
         {.kernel = {2, 2}, .stride = {1, -1}},
         {1, 1},
         "stride [1, -1] has -1; expected a number in [1, 2147483647]"},
        {"ShortDefaultStride",
         {.kernel = {2, 2}},
         {1},
         "stride [1] has 1 number; expected 2, as many as the kernel"},
        {"LongDilation",
         {.kernel = {2}, .dilation = {1, 1}},
         {1},
         "dilation [1, 1] has 2 numbers; expected 1, as many as the kernel"},
        {"ZeroDilation",
         {.kernel = {2}, .dilation = {0}},
         {1},
         "dilation [0] has 0; expected a number in [1, 2147483647]"},
        {"ShortPaddingBefore",
         {.kernel = {2, 2}, .padding = {{1}, {1, 1}}},
         {1, 1},
         "padding before [1] has 1 number; expected 2, as many as the kernel"},
        {"NegativePaddingBefore",
         {.kernel = {2, 2}, .padding = {-1, 0}},
         {1, 1},
         "padding before [-1, 0] has -1; expected a number in [0, 2147483647]"},
        {"LongPaddingAfter",
         {.kernel = {2, 2}, .padding = {{1, 1}, {1, 1, 1}}},
         {1, 1},
         "padding after [1, 1, 1] has 3 numbers; expected 2, as many as the "
         "kernel"},
        {"HugePaddingAfter",
         {.kernel = {2}, .padding = Padding(Axes{0}, Axes{kMaxAxisSize + 1})},
         {1},
         "padding after [2147483648] has 2147483648; expected a number in [0, "
         "2147483647]"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(WindowRejectedTest, SaysWhy) {
  EXPECT_THAT(Resolve(GetParam().window, GetParam().default_stride),
              StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message));
}

// How many positions the window has, by trying them one after the other.
int64_t CountPositions(const Window& w, int64_t input) {
  int64_t count = 0;
  while (count * w.stride[0] - w.padding.before[0] +
             (w.kernel[0] - 1) * w.dilation[0] <
         input + w.padding.after[0]) {
    ++count;
  }
  return count;
}

TEST(WindowTest, OutputSizeIsTheNumberOfPositions) {
  int64_t errors = 0;
  for (int64_t kernel : {1, 2, 3, 5}) {
    for (int64_t stride : {1, 2, 3, 7}) {
      for (int64_t dilation : {1, 2, 3}) {
        for (int64_t before : {0, 1, 3}) {
          for (int64_t after : {0, 1, 2}) {
            for (int64_t input = 1; input <= 9; ++input) {
              const Window window = {
                  .kernel = {kernel},
                  .stride = {stride},
                  .dilation = {dilation},
                  .padding = Padding(Axes{before}, Axes{after})};
              SCOPED_TRACE(absl::StrCat(
                  "input ", input, " kernel ", kernel, " stride ", stride,
                  " dilation ", dilation, " padding ", before, " and ", after));
              const int64_t expected = CountPositions(window, input);
              const absl::StatusOr<Axes> output = OutputSize(window, {input});
              if (expected == 0) {
                ++errors;
                ASSERT_THAT(output, StatusIs(absl::StatusCode::kInvalidArgument,
                                             ::testing::_));
              } else {
                LENSLET_ASSERT_OK(output);
                ASSERT_EQ(*output, Axes{expected});
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(errors, 0);
}

// Rounded down and up:
//   [0 1] [2 3] 4        [0 1 2] 3 4        [0] 1 2 [3]
//   [0 1] [2 3] [4  ]    [0 1 2] [3 4  ]    [0] 1 2 [3]
TEST(WindowTest, RoundingUpAddsAWindowThatStartsInside) {
  const auto sizes = [](const Window& window, int64_t input) {
    const Window resolved = *Resolve(window, window.kernel);
    return std::make_pair((*OutputSize(resolved, {input}))[0],
                          (*OutputSize(resolved, {input}, Rounding::kCeil))[0]);
  };
  EXPECT_EQ(sizes({.kernel = {2}}, 5), std::make_pair(2L, 3L));
  EXPECT_EQ(sizes({.kernel = {3}}, 5), std::make_pair(1L, 2L));
  EXPECT_EQ(sizes({.kernel = {1}, .stride = {3}}, 4), std::make_pair(2L, 2L));
  // [0 1] 2 . and the next would start on the padding.
  const Padding one_after = Padding(Axes{0}, Axes{1});
  EXPECT_EQ(sizes({.kernel = {2}, .stride = {3}, .padding = one_after}, 3),
            std::make_pair(1L, 1L));
  // [. 0] [1  ]
  EXPECT_EQ(sizes({.kernel = {2}, .padding = Padding(Axes{1}, Axes{0})}, 2),
            std::make_pair(1L, 2L));
}

// PyTorch's formula, for the padding that it allows.
TEST(WindowTest, RoundingUpIsPytorchsCeilMode) {
  int64_t errors = 0;
  for (int64_t kernel : {1, 2, 3, 5}) {
    for (int64_t stride : {1, 2, 3, 7}) {
      for (int64_t dilation : {1, 2, 3}) {
        for (int64_t padding = 0; padding <= kernel / 2; ++padding) {
          for (int64_t input = 1; input <= 12; ++input) {
            SCOPED_TRACE(absl::StrCat("input ", input, " kernel ", kernel,
                                      " stride ", stride, " dilation ",
                                      dilation, " padding ", padding));
            const int64_t extent = dilation * (kernel - 1) + 1;
            // Above 0 where there is a window.
            int64_t expected =
                (input + 2 * padding - extent + stride - 1 + stride) / stride;
            if (input + 2 * padding - extent + stride - 1 < 0) expected = 0;
            if ((expected - 1) * stride >= input + padding) --expected;
            const absl::StatusOr<Axes> output =
                OutputSize({.kernel = {kernel},
                            .stride = {stride},
                            .dilation = {dilation},
                            .padding = Padding(Axes{padding}, Axes{padding})},
                           {input}, Rounding::kCeil);
            if (expected == 0) {
              ++errors;
              ASSERT_THAT(output, StatusIs(absl::StatusCode::kInvalidArgument,
                                           ::testing::_));
            } else {
              LENSLET_ASSERT_OK(output);
              ASSERT_EQ(*output, Axes{expected});
            }
          }
        }
      }
    }
  }
  EXPECT_GT(errors, 0);
}

TEST(WindowTest, OutputSizeTreatsEachAxisOnItsOwn) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Window window,
                               Resolve({.kernel = {1, 2, 5},
                                        .stride = {1, 2, 3},
                                        .padding = {{0, 0, 1}, {0, 1, 0}}},
                                       {}));
  EXPECT_EQ(*OutputSize(window, {4, 5, 7}), (Axes{4, 3, 2}));
}

TEST(WindowTest, ExtentCountsDilation) {
  const Window window = {.kernel = {5, 3, 1}, .dilation = {1, 4, 9}};
  EXPECT_EQ(Extent(window, 0), 5);
  EXPECT_EQ(Extent(window, 1), 9);
  EXPECT_EQ(Extent(window, 2), 1);
}

TEST(WindowTest, OutputSizeSaysWhyThereIsNone) {
  const auto code = absl::StatusCode::kInvalidArgument;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Window window,
      Resolve({.kernel = {3, 3}, .dilation = {1, 2}, .padding = {0, 1}},
              {1, 1}));
  EXPECT_THAT(OutputSize(window, {5}),
              StatusIs(code,
                       "kernel [3, 3] is for 2 spatial dimensions, the input "
                       "has 1: [5]"));
  EXPECT_THAT(OutputSize(window, {5, 0}),
              StatusIs(code,
                       "input size [5, 0] has 0; expected a number in [1, "
                       "2147483647]"));
  EXPECT_THAT(OutputSize(window, {kMaxAxisSize + 1, 5}),
              StatusIs(code,
                       "input size [2147483648, 5] has 2147483648; expected a "
                       "number in [1, 2147483647]"));
  EXPECT_THAT(
      OutputSize(window, {5, 2}),
      StatusIs(code,
               "kernel [3, 3] with dilation [1, 2] covers 5 positions of axis "
               "1, more than the padded input's 4 (input [5, 2], padding [0, "
               "1] before and [0, 1] after)"));
}

// The largest numbers of all do not overflow.
TEST(WindowTest, OutputSizeOfTheLargestNumbers) {
  const Axes max = {kMaxAxisSize};
  EXPECT_EQ(*OutputSize({.kernel = max,
                         .stride = {1},
                         .dilation = {1},
                         .padding = {max, max}},
                        max),
            (Axes{2 * kMaxAxisSize + 1}));
  EXPECT_THAT(OutputSize({.kernel = max,
                          .stride = {1},
                          .dilation = max,
                          .padding = {max, max}},
                         max),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::HasSubstr("covers 4611686011984936963 "
                                            "positions of axis 0")));
}

TEST(WindowTest, To3dAddsOuterDimensions) {
  EXPECT_EQ(To3d({.kernel = {5, 3},
                  .stride = {2, 4},
                  .dilation = {6, 7},
                  .padding = {{8, 9}, {10, 11}}}),
            (Window{.kernel = {1, 5, 3},
                    .stride = {1, 2, 4},
                    .dilation = {1, 6, 7},
                    .padding = {{0, 8, 9}, {0, 10, 11}}}));
  EXPECT_EQ(To3d(Axes{28}), (Axes{1, 1, 28}));
  EXPECT_EQ(To3d(Axes{2, 3, 4}), (Axes{2, 3, 4}));
}

}  // namespace

namespace {

TEST(WindowTextTest, SaysWhatIsNotAsUsual) {
  EXPECT_EQ(WindowText({.kernel = {5, 3}}), "5 x 3");
  EXPECT_EQ(WindowText({.kernel = {7}, .stride = {1}, .dilation = {1}}), "7");
  EXPECT_EQ(WindowText({.kernel = {2, 2},
                        .stride = {2, 2},
                        .dilation = {1, 3},
                        .padding = {1, 1}}),
            "2 x 2, stride 2, dilation 1 x 3, padding 1");
}

TEST(PaddingTextTest, TellsSidesApart) {
  EXPECT_EQ(PaddingText({}), "");
  EXPECT_EQ(PaddingText({0, 0}), "");
  EXPECT_EQ(PaddingText({2, 3}), "padding 2 x 3");
  EXPECT_EQ(PaddingText({{0, 0}, {1, 1}}), "padding 0 before, 1 after");
  EXPECT_EQ(PaddingText(Padding({}, {1, 2})), "padding 0 before, 1 x 2 after");
}

}  // namespace

}  // namespace lenslet
