#include "lenslet/ops/lanes/sliding_sums.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr float kUntouched = -1000;

struct Form {
  int64_t taps = 3;
  int64_t stride = 1;
  bool transposed = false;
  bool in_lanes = false;
  int64_t padding = 0;
  int64_t positions = 1;
  int64_t channels = 1;  // Floats at a position.
};

std::string TextOf(const Form& f) {
  return absl::StrCat(f.taps, " taps, stride ", f.stride,
                      f.transposed ? ", transposed" : "",
                      f.in_lanes ? ", in lanes" : "", ", padding ", f.padding,
                      ", ", f.positions, " positions of ", f.channels);
}

// As few columns as the last position may have.
int64_t ColumnsOf(const Form& f) {
  const int64_t last = f.positions - 1;
  return std::max(int64_t{1}, f.transposed ? (last + f.padding) / f.stride + 1 -
                                                 (f.taps - 1) / f.stride
                                           : last * f.stride - f.padding + 1);
}

// The column that tap t of position p reads, or -1.
int64_t Column(const Form& f, int64_t p, int64_t t) {
  const int64_t numerator =
      f.transposed ? p + f.padding - t : p * f.stride - f.padding + t;
  if (numerator < 0) return -1;
  if (!f.transposed) return numerator;
  return numerator % f.stride == 0 ? numerator / f.stride : -1;
}

// Checks two runs against the definition. Numbers are small and whole, so that
// sums have no rounding errors.
void CheckSums(const Form& f) {
  SCOPED_TRACE(TextOf(f));
  const int64_t columns = ColumnsOf(f);
  const int64_t weights = f.in_lanes ? f.channels / kLanes : f.channels;
  Random random(/*seed=*/f.positions);
  Tensor x({2, columns, f.channels});
  Tensor w({2, f.taps, weights + 3});
  Tensor start({weights});
  for (Tensor* tensor : {&x, &w, &start}) {
    FillUniform(-8, 8, random, tensor->span());
    for (float& number : tensor->span()) number = std::floor(number);
  }
  const int64_t x_row = columns * f.channels;
  const int64_t w_row = f.taps * (weights + 3);
  const std::vector<SlidingRun> runs = {{.x = x_row, .w = 0},
                                        {.x = 0, .w = w_row}};
  std::vector<float> y(f.positions * f.channels + 16, kUntouched);
  ComputeSlidingRow({.runs = runs,
                     .taps = f.taps,
                     .stride = f.stride,
                     .transposed = f.transposed,
                     .padding = f.padding,
                     .columns = columns,
                     .positions = f.positions,
                     .channels = f.channels,
                     .x = x.data(),
                     .in_lanes = f.in_lanes,
                     .w = w.data(),
                     .w_stride = weights + 3,
                     .start = start.data(),
                     .minimum = -5,
                     .y = y.data()});
  for (int64_t p = 0; p < f.positions; ++p) {
    for (int64_t c = 0; c < f.channels; ++c) {
      const int64_t weight = f.in_lanes ? c / kLanes : c;
      float sum = start.data()[weight];
      for (const SlidingRun& run : runs) {
        for (int64_t t = 0; t < f.taps; ++t) {
          const int64_t column = Column(f, p, t);
          if (column < 0 || column >= columns) continue;
          sum += x.data()[run.x + column * f.channels + c] *
                 w.data()[run.w + t * (weights + 3) + weight];
        }
      }
      ASSERT_EQ(y[p * f.channels + c], std::max(-5.0f, sum))
          << "position " << p << ", channel " << c;
    }
  }
  for (size_t i = f.positions * f.channels; i < y.size(); ++i) {
    ASSERT_EQ(y[i], kUntouched) << "behind the row";
  }
}

TEST(SlidingSumsTest, AreTheSumsOfTheirDefinition) {
  ForEachInstructionSet([](const std::string& name) {
    SCOPED_TRACE(name);
    for (const int64_t taps : {3, 5}) {
      for (const int64_t stride : {1, 2}) {
        for (int64_t padding = 0; padding < taps; ++padding) {
          for (const int64_t positions : {1, 2, 3, 7, 15, 29}) {
            Form form = {.taps = taps,
                         .stride = stride,
                         .padding = padding,
                         .positions = positions};
            for (const int64_t channels : {1, 8, 17, 64}) {
              form.channels = channels;
              CheckSums(form);
            }
            form.in_lanes = true;
            for (const int64_t channels : {1, 3, 64}) {
              form.channels = channels * kLanes;
              form.transposed = false;
              CheckSums(form);
              form.transposed = true;
              CheckSums(form);
            }
          }
        }
      }
    }
  });
}

// Of whole rows, whatever their tiles, and on any CPU that can fuse
// multiply-adds.
TEST(SlidingSumsTest, HaveOneOrder) {
  constexpr int64_t kPositions = 33;
  constexpr int64_t kChannels = 2 * kLanes;
  for (const bool transposed : {false, true}) {
    std::vector<float> first;
    ForEachInstructionSet([&](const std::string& name) {
      if (name != "AVX2" && name.rfind("AVX3", 0) != 0) return;
      SCOPED_TRACE(name);
      Tensor x({kPositions, kChannels});
      Tensor w({5, 2});
      Random random(/*seed=*/3);
      FillUniform(-1, 1, random, x.span());
      FillUniform(-1, 1, random, w.span());
      const SlidingRun run;
      std::vector<float> y(kPositions * kChannels);
      SlidingRow row = {.runs = {&run, 1},
                        .taps = 5,
                        .transposed = transposed,
                        .padding = 2,
                        .columns = kPositions,
                        .positions = kPositions,
                        .channels = kChannels,
                        .x = x.data(),
                        .in_lanes = true,
                        .w = w.data(),
                        .w_stride = 2,
                        .y = y.data()};
      ComputeSlidingRow(row);
      if (first.empty()) first = y;
      EXPECT_EQ(y, first);
      // Other tiles.
      std::vector<float> part(20 * kChannels);
      row.positions = 20;
      row.columns = transposed ? 22 : 23;
      row.y = part.data();
      ComputeSlidingRow(row);
      for (int64_t i = 0; i < 19 * kChannels; ++i) {
        ASSERT_EQ(part[i], first[i]) << i;
      }
    });
  }
}

}  // namespace
}  // namespace lenslet
