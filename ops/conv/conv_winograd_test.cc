#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/conv/conv_case.h"
#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd_filter_gradient.h"
#include "lenslet/ops/conv/conv_lanes_winograd_input_gradient.h"
#include "lenslet/ops/lanes/winograd.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr double kRoundoff = 0x1p-24;

struct WinogradCase {
  std::string name;
  WinogradConv conv;

  friend void PrintTo(const WinogradCase& c, std::ostream* os) {
    *os << c.name;
  }
};

std::vector<WinogradCase> WinogradCases() {
  const auto conv_of = [](int64_t taps, int64_t height, int64_t width,
                          int64_t channels, int64_t before_rows,
                          int64_t before_columns, int64_t output_height,
                          int64_t output_width, int64_t output_channels) {
    return WinogradConv{.taps = taps,
                        .height = height,
                        .width = width,
                        .channels = channels,
                        .before_rows = before_rows,
                        .before_columns = before_columns,
                        .output_height = output_height,
                        .output_width = output_width,
                        .output_channels = output_channels};
  };
  const auto conv = [&](auto... sizes) { return conv_of(3, sizes...); };
  const auto conv5 = [&](auto... sizes) { return conv_of(5, sizes...); };
  return {
      {"OneTile", conv(6, 6, 1, 0, 0, 4, 4, 1)},
      {"OneOutput", conv(3, 3, 2, 0, 0, 1, 1, 3)},
      {"OnePixelInPadding", conv(1, 1, 3, 1, 1, 1, 1, 2)},
      {"PaddingOne", conv(8, 8, 4, 1, 1, 8, 8, 4)},
      {"PaddingTwo", conv(5, 6, 3, 2, 2, 7, 8, 5)},
      {"PaddingDiffersBySide", conv(7, 5, 2, 0, 2, 6, 5, 3)},
      // The input gradient of a convolution with a padding of 4.
      {"NegativePadding", conv(11, 12, 2, -2, -1, 5, 6, 3)},
      {"TwoOfTheLastTileAreLeft", conv(14, 14, 5, 1, 1, 14, 14, 7)},
      {"OneAndThreeOfTheLastTileAreLeft", conv(9, 11, 5, 1, 1, 9, 11, 1)},
      {"ManyChannels", conv(5, 5, 67, 1, 1, 5, 5, 35)},
      {"MoreChannelsThanAreTransformedAtOnce", conv(2, 2, 129, 1, 1, 2, 2, 3)},
      // Rows of tiles in pieces of different sizes.
      {"WideRows", conv(3, 91, 2, 1, 1, 3, 91, 2)},
      {"WideRowsManyChannels", conv(5, 25, 64, 1, 1, 5, 25, 6)},
      {"SeveralRowsOfTilesAtOnce", conv(33, 16, 3, 1, 1, 33, 16, 2)},
      {"FiveTapsOneTile", conv5(6, 6, 1, 0, 0, 2, 2, 1)},
      {"FiveTapsOneOutput", conv5(5, 5, 2, 0, 0, 1, 1, 3)},
      {"FiveTapsOnePixelInPadding", conv5(1, 1, 3, 2, 2, 1, 1, 2)},
      {"FiveTapsPaddingTwo", conv5(9, 8, 5, 2, 2, 9, 8, 7)},
      {"FiveTapsPaddingFour", conv5(5, 6, 3, 4, 4, 9, 10, 5)},
      {"FiveTapsManyChannels", conv5(6, 7, 67, 1, 2, 5, 7, 35)},
      {"FiveTapsWideRows", conv5(5, 61, 2, 2, 2, 5, 61, 2)},
  };
}

// A case's arrays, in lanes.
struct WinogradArrays {
  explicit WinogradArrays(const WinogradConv& c)
      : x({c.height, c.width, c.channels, kLanes}),
        filter({c.output_channels, c.taps, c.taps, c.channels}),
        bias({c.output_channels}),
        y({c.output_height, c.output_width, c.output_channels, kLanes}) {}

  Tensor x;
  Tensor filter;
  Tensor bias;
  Tensor y;
};

void RunWinograd(const WinogradConv& c, WinogradArrays& arrays) {
  ConvLanesWinograd winograd(c);
  ASSERT_THAT(winograd.Allocate(), IsOk());
  Tensor scratch({winograd.ScratchFloats()});
  // Whatever the memory holds.
  std::fill(scratch.span().begin(), scratch.span().end(),
            std::numeric_limits<float>::quiet_NaN());
  winograd.SetFilter(arrays.filter.data(), c.taps * c.taps * c.channels,
                     c.channels, 1, scratch.data());
  int64_t done = 0;
  winograd.Run(arrays.x.data(), arrays.bias.data(),
               -std::numeric_limits<float>::infinity(), arrays.y.data(),
               /*reuse_rows=*/false, scratch.data(),
               [&](int64_t begin, int64_t end) {
                 EXPECT_EQ(begin, done);
                 EXPECT_LT(begin, end);
                 done = end;
               });
  EXPECT_EQ(done, c.output_height);
}

// The number of a case's input, or 0 outside.
double InputAt(const WinogradConv& c, const Tensor& x, int64_t h, int64_t w,
               int64_t channel, int64_t lane) {
  if (h < 0 || h >= c.height || w < 0 || w >= c.width) return 0;
  return x.data()[((h * c.width + w) * c.channels + channel) * kLanes + lane];
}

// The definition, in double.
double OutputAt(const WinogradConv& c, const WinogradArrays& arrays, int64_t h,
                int64_t w, int64_t k, int64_t lane) {
  double sum = arrays.bias.data()[k];
  for (int64_t tap = 0; tap < c.taps * c.taps; ++tap) {
    for (int64_t channel = 0; channel < c.channels; ++channel) {
      sum += InputAt(c, arrays.x, h + tap / c.taps - c.before_rows,
                     w + tap % c.taps - c.before_columns, channel, lane) *
             arrays.filter
                 .data()[(k * c.taps * c.taps + tap) * c.channels + channel];
    }
  }
  return sum;
}

constexpr double kA = 0.625;
constexpr double kB = 1.5;
constexpr double kA2 = kA * kA;
constexpr double kB2 = kB * kB;

// The sizes of the numbers of B^T, A^T and G (ops/lanes/winograd.h).
constexpr double kInput[6][6] = {
    {kA2 * kB2, 0, kA2 + kB2, 0, 1, 0}, {0, kA* kB2, kB2, kA, 1, 0},
    {0, kA* kB2, kB2, kA, 1, 0},        {0, kA2* kB, kA2, kB, 1, 0},
    {0, kA2* kB, kA2, kB, 1, 0},        {0, kA2* kB2, 0, kA2 + kB2, 0, 1}};

// (1, p, p^2, ...) for point i; (0, ..., 0, 1) for infinity.
double PowerOfPoint(int64_t i, int64_t power, int64_t powers) {
  if (i == 5) return power == powers - 1 ? 1 : 0;
  return std::pow(i == 0 ? 0 : i < 3 ? kA : kB, power);
}

double OutputFactor(const WinogradConv& c, int64_t output, int64_t i) {
  return PowerOfPoint(i, output, WinogradOutputs(c.taps));
}

double FilterFactor(const WinogradConv& c, int64_t i, int64_t tap) {
  const double divisor = i == 0  ? kA2 * kB2
                         : i < 3 ? 2 * kA2 * (kB2 - kA2)
                         : i < 5 ? 2 * kB2 * (kB2 - kA2)
                                 : 1;
  return PowerOfPoint(i, tap, c.taps) / divisor;
}

// The worst case. Each number of an input transform along one axis is computed
// with at most 4 roundings of partial sums (two multiply-adds, for a, b and
// their sum or difference), and each of a filter transform with at most 5
// (constants, multiply-adds and products); twice as many
// for two axes. A sum over C channels has C roundings; the output transform has
// at most 5 an axis, and 4 more to add up pairs and bias. Partial sums are at
// most those of the sizes of all numbers. So to first order the error is below
//   (C + 8 + 10 + 14) u A^T [(|G| |g| |G^T|) * (|B^T| |d| |B|)] A
// with the sizes of A's numbers; what is left of higher order is less than the
// roundings that were counted too generously.
double WorstCaseAt(const WinogradConv& c, const WinogradArrays& arrays,
                   int64_t h, int64_t w, int64_t k, int64_t lane) {
  const int64_t outputs = WinogradOutputs(c.taps);
  const int64_t top = h / outputs * outputs - c.before_rows;
  const int64_t left = w / outputs * outputs - c.before_columns;
  double sum = 0;
  for (int64_t channel = 0; channel < c.channels; ++channel) {
    for (int i = 0; i < 6; ++i) {
      for (int j = 0; j < 6; ++j) {
        const double output =
            OutputFactor(c, h % outputs, i) * OutputFactor(c, w % outputs, j);
        if (output == 0) continue;
        double filter = 0;
        for (int64_t tap = 0; tap < c.taps * c.taps; ++tap) {
          filter +=
              FilterFactor(c, i, tap / c.taps) *
              FilterFactor(c, j, tap % c.taps) *
              std::abs(arrays.filter
                           .data()[(k * c.taps * c.taps + tap) * c.channels +
                                   channel]);
        }
        double input = 0;
        for (int r = 0; r < 6; ++r) {
          for (int s = 0; s < 6; ++s) {
            input += kInput[i][r] * kInput[j][s] *
                     std::abs(InputAt(c, arrays.x, top + r, left + s, channel,
                                      lane));
          }
        }
        sum += output * filter * input;
      }
    }
  }
  return kRoundoff * ((static_cast<double>(c.channels) + 32) * sum +
                      std::abs(arrays.bias.data()[k]));
}

// Fills it with numbers of very different sizes.
void FillWithAnySizes(Random& random, Tensor& tensor) {
  FillUniform(-1, 1, random, tensor.span());
  Tensor exponents(tensor.shape());
  FillUniform(-10, 10, random, exponents.span());
  for (int64_t i = 0; i < tensor.shape().elements(); ++i) {
    tensor.data()[i] =
        std::ldexp(tensor.data()[i], static_cast<int>(exponents.data()[i]));
  }
}

// Of results with different instruction sets.
void ExpectSameBits(const std::vector<Tensor>& results) {
  for (const Tensor& result : results) {
    EXPECT_EQ(std::memcmp(result.data(), results[0].data(),
                          result.shape().elements() * sizeof(float)),
              0)
        << "not the same bits with all instruction sets";
  }
}

class WinogradTest : public ::testing::TestWithParam<WinogradCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, WinogradTest,
                         ::testing::ValuesIn(WinogradCases()),
                         [](const auto& info) { return info.param.name; });

// WinogradError() (conv_case.h) is what numbers from [-1, 1] leave.
TEST_P(WinogradTest, ErrorsAreThoseOfARandomWalk) {
  const WinogradConv& c = GetParam().conv;
  WinogradArrays arrays(c);
  Random random(/*seed=*/3);
  for (Tensor* tensor : {&arrays.x, &arrays.filter, &arrays.bias}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  const double tolerance = WinogradError(c.taps, c.channels);
  ForEachInstructionSet([&](const std::string& name) {
    SCOPED_TRACE(name);
    RunWinograd(c, arrays);
    const float* y = arrays.y.data();
    for (int64_t h = 0; h < c.output_height; ++h) {
      for (int64_t w = 0; w < c.output_width; ++w) {
        for (int64_t k = 0; k < c.output_channels; ++k, y += kLanes) {
          for (const int64_t lane : {0, 15}) {
            ASSERT_NEAR(y[lane], OutputAt(c, arrays, h, w, k, lane), tolerance)
                << "row " << h << ", column " << w << ", channel " << k;
          }
        }
      }
    }
  });
}

TEST_P(WinogradTest, ErrorsAreBelowThoseOfTheWorstCase) {
  const WinogradConv& c = GetParam().conv;
  WinogradArrays arrays(c);
  Random random(/*seed=*/4);
  for (Tensor* tensor : {&arrays.x, &arrays.filter, &arrays.bias}) {
    FillWithAnySizes(random, *tensor);
  }
  RunWinograd(c, arrays);
  // Every 7th number, to save time.
  for (int64_t i = 0; i < arrays.y.shape().elements() / kLanes; i += 7) {
    const int64_t k = i % c.output_channels;
    const int64_t w = i / c.output_channels % c.output_width;
    const int64_t h = i / c.output_channels / c.output_width;
    ASSERT_NEAR(arrays.y.data()[i * kLanes + 3],
                OutputAt(c, arrays, h, w, k, 3),
                WorstCaseAt(c, arrays, h, w, k, 3))
        << "row " << h << ", column " << w << ", channel " << k;
  }
}

TEST_P(WinogradTest, HasTheSameBitsWithAnyVectorsAndMultiplyAdds) {
  const WinogradConv& c = GetParam().conv;
  WinogradArrays arrays(c);
  Random random(/*seed=*/5);
  for (Tensor* tensor : {&arrays.x, &arrays.filter, &arrays.bias}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  std::vector<Tensor> results;
  ForEachInstructionSet([&](const std::string& name) {
    // Others, for very old CPUs, round the products of multiply-adds.
    if (!absl::StartsWith(name, "AVX") && name != "NEON") return;
    RunWinograd(c, arrays);
    results.push_back(arrays.y.Clone());
  });
  for (const Tensor& result : results) {
    EXPECT_EQ(std::memcmp(result.data(), results[0].data(),
                          result.shape().elements() * sizeof(float)),
              0);
  }
}

// The filter's gradient of a case, from x and y as the outputs' gradient.
void RunFilterGradient(const WinogradConv& c, const WinogradArrays& arrays,
                       Tensor& dw) {
  ConvLanesWinogradFilterGradient gradient(c);
  ASSERT_THAT(gradient.Allocate(), IsOk());
  Tensor scratch({gradient.ScratchFloats()});
  std::fill(scratch.span().begin(), scratch.span().end(),
            std::numeric_limits<float>::quiet_NaN());
  // Some bands at once, then one.
  const int64_t row = c.output_width * c.output_channels * kLanes;
  int64_t rows = 2 * gradient.band_rows();
  for (int64_t h = 0; h < c.output_height; h += rows) {
    if (h > 0) rows = gradient.band_rows();
    gradient.AddRows(h, std::min(rows, c.output_height - h), arrays.x.data(),
                     arrays.y.data() + h * row, scratch.data());
  }
  std::fill(dw.span().begin(), dw.span().end(), 0.25f);
  gradient.AddGroup(dw.data(), scratch.data());
}

// The sum over images and outputs of gradient(k, h, w, lane) * input(h, w,
// lane).
template <typename Body>
void ForEachOutput(const WinogradConv& c, Body body) {
  for (int64_t h = 0; h < c.output_height; ++h) {
    for (int64_t w = 0; w < c.output_width; ++w) {
      for (int64_t lane = 0; lane < kLanes; ++lane) body(h, w, lane);
    }
  }
}

double GradientAt(const WinogradConv& c, const Tensor& y, int64_t h, int64_t w,
                  int64_t k, int64_t lane) {
  if (h >= c.output_height || w >= c.output_width) return 0;
  return y.data()[((h * c.output_width + w) * c.output_channels + k) * kLanes +
                  lane];
}

// The definition, in double.
double FilterGradientAt(const WinogradConv& c, const WinogradArrays& arrays,
                        int64_t k, int64_t tap, int64_t channel) {
  double sum = 0.25;
  ForEachOutput(c, [&](int64_t h, int64_t w, int64_t lane) {
    sum += GradientAt(c, arrays.y, h, w, k, lane) *
           InputAt(c, arrays.x, h + tap / c.taps - c.before_rows,
                   w + tap % c.taps - c.before_columns, channel, lane);
  });
  return sum;
}

// As WorstCaseAt(), for N terms: those of all tiles and images. A transform of
// gradients has at most 2 roundings an axis, one of products at most 5, and one
// comes from adding to what is there:
//   (N + 8 + 4 + 10 + 1) u G^T [(|A| |dy| |A^T|) * (|B^T| |x| |B|)] G.
double FilterGradientWorstCaseAt(const WinogradConv& c,
                                 const WinogradArrays& arrays, int64_t k,
                                 int64_t tap, int64_t channel) {
  const int64_t outputs = WinogradOutputs(c.taps);
  double terms = 0;
  double sum = 0;
  for (int64_t top = 0; top < c.output_height; top += outputs) {
    for (int64_t left = 0; left < c.output_width; left += outputs) {
      for (int64_t lane = 0; lane < kLanes; ++lane, ++terms) {
        for (int i = 0; i < 6; ++i) {
          for (int j = 0; j < 6; ++j) {
            const double factor = FilterFactor(c, i, tap / c.taps) *
                                  FilterFactor(c, j, tap % c.taps);
            if (factor == 0) continue;
            double gradient = 0;
            for (int64_t r = 0; r < outputs; ++r) {
              for (int64_t s = 0; s < outputs; ++s) {
                gradient += OutputFactor(c, r, i) * OutputFactor(c, s, j) *
                            std::abs(GradientAt(c, arrays.y, top + r, left + s,
                                                k, lane));
              }
            }
            double input = 0;
            for (int r = 0; r < 6; ++r) {
              for (int s = 0; s < 6; ++s) {
                input += kInput[i][r] * kInput[j][s] *
                         std::abs(InputAt(c, arrays.x, top - c.before_rows + r,
                                          left - c.before_columns + s, channel,
                                          lane));
              }
            }
            sum += factor * gradient * input;
          }
        }
      }
    }
  }
  return kRoundoff * ((terms + 32) * sum + 0.25);
}

// Whole tiles of few channels take long to check; every `step`-th number.
template <typename Body>
void ForSomeOfFilter(const WinogradConv& c, int64_t step, Body body) {
  const int64_t size = c.output_channels * c.taps * c.taps * c.channels;
  for (int64_t i = 0; i < size; i += step) {
    body(i / c.channels / (c.taps * c.taps), i / c.channels % (c.taps * c.taps),
         i % c.channels, i);
  }
}

TEST_P(WinogradTest, FilterGradientErrorsAreThoseOfARandomWalk) {
  const WinogradConv& c = GetParam().conv;
  WinogradArrays arrays(c);
  Random random(/*seed=*/7);
  for (Tensor* tensor : {&arrays.x, &arrays.y}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  const double tolerance = WinogradFilterGradientError(
      c.taps, kLanes * WinogradTilesAlong(c.taps, c.output_height) *
                  WinogradTilesAlong(c.taps, c.output_width));
  Tensor dw(arrays.filter.shape());
  std::vector<Tensor> results;
  ForEachInstructionSet([&](const std::string& name) {
    SCOPED_TRACE(name);
    RunFilterGradient(c, arrays, dw);
    ForSomeOfFilter(
        c, /*step=*/c.channels > 16 ? 13 : 1,
        [&](int64_t k, int64_t tap, int64_t channel, int64_t i) {
          ASSERT_NEAR(dw.data()[i],
                      FilterGradientAt(c, arrays, k, tap, channel), tolerance)
              << "output " << k << ", tap " << tap << ", channel " << channel;
        });
    if (HasFusedMultiplyAdd(name)) results.push_back(dw.Clone());
  });
  ExpectSameBits(results);
}

TEST_P(WinogradTest, FilterGradientErrorsAreBelowThoseOfTheWorstCase) {
  const WinogradConv& c = GetParam().conv;
  WinogradArrays arrays(c);
  Random random(/*seed=*/8);
  for (Tensor* tensor : {&arrays.x, &arrays.y}) {
    FillWithAnySizes(random, *tensor);
  }
  Tensor dw(arrays.filter.shape());
  RunFilterGradient(c, arrays, dw);
  ForSomeOfFilter(
      c, /*step=*/std::max<int64_t>(1, dw.shape().elements() / 50),
      [&](int64_t k, int64_t tap, int64_t channel, int64_t i) {
        ASSERT_NEAR(dw.data()[i], FilterGradientAt(c, arrays, k, tap, channel),
                    FilterGradientWorstCaseAt(c, arrays, k, tap, channel))
            << "output " << k << ", tap " << tap << ", channel " << channel;
      });
}

// The input's gradient of a case, from y as the outputs' gradient.
void RunInputGradient(const WinogradConv& c, const WinogradArrays& arrays,
                      Tensor& dx) {
  ConvLanesWinogradInputGradient gradient(c);
  ASSERT_THAT(gradient.Allocate(), IsOk());
  Tensor scratch({gradient.ScratchFloats()});
  // Whatever the memory holds.
  for (Tensor* tensor : {&scratch, &dx}) {
    std::fill(tensor->span().begin(), tensor->span().end(),
              std::numeric_limits<float>::quiet_NaN());
  }
  gradient.SetFilter(arrays.filter.data(), scratch.data());
  gradient.Run(arrays.y.data(), dx.data(), scratch.data());
}

// The definition, in double.
double InputGradientAt(const WinogradConv& c, const WinogradArrays& arrays,
                       int64_t h, int64_t w, int64_t channel, int64_t lane) {
  double sum = 0;
  for (int64_t tap = 0; tap < c.taps * c.taps; ++tap) {
    const int64_t row = h + c.before_rows - tap / c.taps;
    const int64_t column = w + c.before_columns - tap % c.taps;
    if (row < 0 || column < 0) continue;
    for (int64_t k = 0; k < c.output_channels; ++k) {
      sum += GradientAt(c, arrays.y, row, column, k, lane) *
             arrays.filter
                 .data()[(k * c.taps * c.taps + tap) * c.channels + channel];
    }
  }
  return sum;
}

// As WorstCaseAt(), for a sum over output channels. A transform of gradients
// has at most 2 roundings an axis, one of products 4, and at most 9 tiles add
// up:
//   (K + 4 + 10 + 8 + 9) u |B| [(|G| |w| |G^T|) * (|A| |dy| |A^T|)] |B^T|.
double InputGradientWorstCaseAt(const WinogradConv& c,
                                const WinogradArrays& arrays, int64_t h,
                                int64_t w, int64_t channel, int64_t lane) {
  const int64_t outputs = WinogradOutputs(c.taps);
  double sum = 0;
  for (int64_t top = 0; top < c.output_height; top += outputs) {
    const int64_t r = h + c.before_rows - top;
    if (r < 0 || r >= kWinogradInputs) continue;
    for (int64_t left = 0; left < c.output_width; left += outputs) {
      const int64_t s = w + c.before_columns - left;
      if (s < 0 || s >= kWinogradInputs) continue;
      for (int64_t k = 0; k < c.output_channels; ++k) {
        for (int i = 0; i < 6; ++i) {
          for (int j = 0; j < 6; ++j) {
            double filter = 0;
            for (int64_t tap = 0; tap < c.taps * c.taps; ++tap) {
              filter +=
                  FilterFactor(c, i, tap / c.taps) *
                  FilterFactor(c, j, tap % c.taps) *
                  std::abs(arrays.filter.data()[(k * c.taps * c.taps + tap) *
                                                    c.channels +
                                                channel]);
            }
            double gradient = 0;
            for (int64_t p = 0; p < outputs; ++p) {
              for (int64_t q = 0; q < outputs; ++q) {
                gradient += OutputFactor(c, p, i) * OutputFactor(c, q, j) *
                            std::abs(GradientAt(c, arrays.y, top + p, left + q,
                                                k, lane));
              }
            }
            sum += kInput[i][r] * kInput[j][s] * filter * gradient;
          }
        }
      }
    }
  }
  return kRoundoff * (static_cast<double>(c.output_channels) + 31) * sum;
}

// Calls body(h, w, channel, i) for every `step`-th number of a lane.
template <typename Body>
void ForSomeOfInput(const WinogradConv& c, int64_t step, Body body) {
  for (int64_t i = 0; i < c.height * c.width * c.channels; i += step) {
    body(i / c.channels / c.width, i / c.channels % c.width, i % c.channels, i);
  }
}

TEST_P(WinogradTest, InputGradientErrorsAreThoseOfARandomWalk) {
  const WinogradConv& c = GetParam().conv;
  WinogradArrays arrays(c);
  Random random(/*seed=*/9);
  for (Tensor* tensor : {&arrays.y, &arrays.filter}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  const double tolerance = WinogradError(c.taps, c.output_channels);
  Tensor dx(arrays.x.shape());
  std::vector<Tensor> results;
  ForEachInstructionSet([&](const std::string& name) {
    SCOPED_TRACE(name);
    RunInputGradient(c, arrays, dx);
    ForSomeOfInput(
        c, /*step=*/1, [&](int64_t h, int64_t w, int64_t channel, int64_t i) {
          for (const int64_t lane : {0, 15}) {
            ASSERT_NEAR(dx.data()[i * kLanes + lane],
                        InputGradientAt(c, arrays, h, w, channel, lane),
                        tolerance)
                << "row " << h << ", column " << w << ", channel " << channel;
          }
        });
    if (HasFusedMultiplyAdd(name)) results.push_back(dx.Clone());
  });
  ExpectSameBits(results);
}

TEST_P(WinogradTest, InputGradientErrorsAreBelowThoseOfTheWorstCase) {
  const WinogradConv& c = GetParam().conv;
  WinogradArrays arrays(c);
  Random random(/*seed=*/10);
  for (Tensor* tensor : {&arrays.y, &arrays.filter}) {
    FillWithAnySizes(random, *tensor);
  }
  Tensor dx(arrays.x.shape());
  RunInputGradient(c, arrays, dx);
  ForSomeOfInput(
      c, /*step=*/std::max<int64_t>(1, dx.shape().elements() / kLanes / 50),
      [&](int64_t h, int64_t w, int64_t channel, int64_t i) {
        ASSERT_NEAR(dx.data()[i * kLanes + 3],
                    InputGradientAt(c, arrays, h, w, channel, 3),
                    InputGradientWorstCaseAt(c, arrays, h, w, channel, 3))
            << "row " << h << ", column " << w << ", channel " << channel;
      });
}

}  // namespace
}  // namespace lenslet
