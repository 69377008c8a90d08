#include "lenslet/ops/pool/pool_spec.h"

#include <algorithm>
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

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(PoolSpecTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost cost, ComputeCost({.window = {.kernel = {2, 2}}}, {28, 28, 6}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 14 * 14 * 6 * 4);
  EXPECT_EQ(cost.input_bytes, 28 * 28 * 6 * 4);
  EXPECT_EQ(cost.parameter_bytes, 0);
  EXPECT_EQ(cost.output_bytes, 14 * 14 * 6 * 4);
}

TEST(PoolSpecTest, CostOfOtherWindows) {
  // Rounded up, there are three rows and columns.
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost softmax,
                               ComputeCost({.kind = PoolKind::kSoftmax,
                                            .window = {.kernel = {2, 2}},
                                            .rounding = Rounding::kCeil},
                                           {5, 5, 3}));
  EXPECT_EQ(softmax.multiply_adds, 3 * 3 * 3 * 4);
  EXPECT_EQ(softmax.other_operations, 3 * 3 * 3 * 4 * 3);
  // Rows [0 1] [1 2 3] [3 4], columns [0 1] [2 3].
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost adaptive,
                               ComputeCost({.output = {3, 2}}, {5, 4, 3}));
  EXPECT_EQ(adaptive.multiply_adds, 0);
  EXPECT_EQ(adaptive.other_operations, 3 * (2 + 3 + 2) * (2 + 2));
}

TEST(PoolSpecTest, CostOfAdaptiveWindowsIsThatOfTheirTaps) {
  for (int64_t input = 1; input <= 12; ++input) {
    for (int64_t output = 1; output <= 15; ++output) {
      LENSLET_ASSERT_OK_AND_ASSIGN(const PoolGeometry g,
                                   Resolve({.output = {output}}, {input, 1}));
      int64_t taps = 0;
      for (int64_t o = 0; o < output; ++o) taps += TapsAt(g, 2, o).count;
      LENSLET_ASSERT_OK_AND_ASSIGN(
          const Cost cost, ComputeCost({.output = {output}}, {input, 1}));
      EXPECT_EQ(cost.other_operations, taps) << input << " to " << output;
    }
  }
}

TEST(PoolSpecTest, RejectsMoreOperationsThanCanBeCounted) {
  EXPECT_THAT(
      ComputeCost({.window = {.kernel = {kMaxAxisSize / 2, kMaxAxisSize / 2},
                              .stride = {1, 1}}},
                  {kMaxAxisSize, kMaxAxisSize, 1}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("need more operations than 64 bits can count")));
}

TEST(PoolSpecTest, AnOutputThatDividesTheInputHasOrdinaryWindows) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const PoolGeometry even,
                               Resolve({.output = {2, 3}}, {8, 9, 1}));
  EXPECT_FALSE(even.adaptive);
  EXPECT_EQ(even.window.kernel, (Axes{1, 4, 3}));
  EXPECT_EQ(even.window.stride, (Axes{1, 4, 3}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const PoolGeometry global,
                               Resolve({.output = {1, 1}}, {8, 9, 1}));
  EXPECT_FALSE(global.adaptive);
  EXPECT_EQ(global.window.kernel, (Axes{1, 8, 9}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const PoolGeometry uneven,
                               Resolve({.output = {2, 4}}, {8, 9, 1}));
  EXPECT_TRUE(uneven.adaptive);
}

// Each window's first input and count.
std::vector<std::pair<int64_t, int64_t>> Windows(int64_t input,
                                                 int64_t output) {
  const PoolGeometry g = *Resolve({.output = {output}}, {input, 1});
  std::vector<std::pair<int64_t, int64_t>> windows;
  for (int64_t o = 0; o < output; ++o) {
    const PoolTaps taps = TapsAt(g, 2, o);
    windows.emplace_back(taps.first, taps.count);
  }
  return windows;
}

// By hand: from floor(o * input / output) to before
// ceil((o + 1) * input / output).
TEST(PoolSpecTest, AdaptiveWindows) {
  EXPECT_THAT(Windows(5, 3), ElementsAre(Pair(0, 2), Pair(1, 3), Pair(3, 2)));
  EXPECT_THAT(Windows(10, 4),
              ElementsAre(Pair(0, 3), Pair(2, 3), Pair(5, 3), Pair(7, 3)));
  EXPECT_THAT(Windows(2, 3), ElementsAre(Pair(0, 1), Pair(0, 2), Pair(1, 1)));
  EXPECT_THAT(Windows(7, 1), ElementsAre(Pair(0, 7)));
}

// The taps of a window that is not adaptive, one by one.
void CheckTapsAt(const PoolGeometry& g, int64_t o) {
  const Window& w = g.window;
  std::vector<int64_t> inside;
  int64_t padded = 0;
  for (int64_t tap = 0; tap < w.kernel[2]; ++tap) {
    const int64_t i =
        o * w.stride[2] - w.padding.before[2] + tap * w.dilation[2];
    if (0 <= i && i < g.input[2]) inside.push_back(i);
    if (i < g.input[2] + w.padding.after[2]) ++padded;
  }
  const int64_t count = inside.size();
  ASSERT_GT(count, 0);
  const PoolTaps taps = TapsAt(g, 2, o);
  EXPECT_EQ(taps.first, inside[0]);
  EXPECT_EQ(taps.count, count);
  EXPECT_EQ(taps.dilation, w.dilation[2]);
  EXPECT_EQ(taps.divisor, g.count_padding ? padded : count);
}

// That all that tells of windows and their taps agrees.
void CheckWindows(const PoolSpec& spec, int64_t input) {
  const PoolGeometry g = *Resolve(spec, {input, 1});
  bool whole = !g.adaptive;
  std::vector<std::vector<int64_t>> over(input);
  for (int64_t o = 0; o < g.output[2]; ++o) {
    if (!g.adaptive) {
      ASSERT_NO_FATAL_FAILURE(CheckTapsAt(g, o));
    }
    const PoolTaps taps = TapsAt(g, 2, o);
    EXPECT_LE(taps.count, MostTaps(g)[2]);
    if (taps.count < g.window.kernel[2]) whole = false;
    for (int64_t tap = 0; tap < taps.count; ++tap) {
      const int64_t i = taps.first + tap * taps.dilation;
      ASSERT_TRUE(0 <= i && i < input);
      over[i].push_back(o);
    }
  }
  EXPECT_EQ(WindowsAreWhole(g), whole);
  for (int64_t i = 0; i < input; ++i) {
    const PoolWindowRange range = WindowsOver(g, 2, i);
    EXPECT_GE(range.begin, 0);
    EXPECT_LE(range.end, g.output[2]);
    for (int64_t o : over[i]) EXPECT_TRUE(range.begin <= o && o < range.end);
    // A dilated window has gaps.
    if (g.window.dilation[2] == 1) {
      EXPECT_EQ(over[i].size(), std::max<int64_t>(range.end - range.begin, 0));
    }
  }
}

TEST(PoolSpecTest, TapsAreThoseOnTheInput) {
  int64_t specs = 0;
  const auto check = [&](const Window& window, int64_t input) {
    SCOPED_TRACE(absl::StrCat(
        "input ", input, " kernel ", window.kernel[0], " stride ",
        window.stride[0], " dilation ", window.dilation[0], " padding ",
        window.padding.before[0], " and ", window.padding.after[0]));
    for (const Rounding rounding : {Rounding::kFloor, Rounding::kCeil}) {
      for (const bool count_padding : {false, true}) {
        const PoolSpec spec = {.window = window,
                               .count_padding = count_padding,
                               .rounding = rounding};
        if (!Resolve(spec, {input, 1}).ok()) continue;
        ++specs;
        ASSERT_NO_FATAL_FAILURE(CheckWindows(spec, input));
      }
    }
  };
  for (int64_t kernel : {1, 2, 3, 5}) {
    for (int64_t stride : {1, 2, 3, 7}) {
      for (int64_t dilation : {1, 2, 3}) {
        for (int64_t before : {0, 1, 3}) {
          for (int64_t after : {0, 1, 2}) {
            for (int64_t input = 1; input <= 9; ++input) {
              check({.kernel = {kernel},
                     .stride = {stride},
                     .dilation = {dilation},
                     .padding = Padding(Axes{before}, Axes{after})},
                    input);
            }
          }
        }
      }
    }
  }
  EXPECT_GT(specs, 1000);
}

TEST(PoolSpecTest, AdaptiveTapsAreOnTheInput) {
  for (int64_t input = 1; input <= 12; ++input) {
    for (int64_t output = 1; output <= 15; ++output) {
      SCOPED_TRACE(absl::StrCat(input, " to ", output));
      ASSERT_NO_FATAL_FAILURE(CheckWindows({.output = {output}}, input));
    }
  }
}

}  // namespace
}  // namespace lenslet
