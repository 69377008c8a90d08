// How docs/porting.md says to permute images and weights. The oracles are loops
// over PyTorch's layouts, or Keras's.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/graph.h"
#include "lenslet/tests/porting/porting.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// An image in PyTorch's layout.
struct Chw {
  Chw(int64_t channels, int64_t height, int64_t width)
      : channels(channels),
        height(height),
        width(width),
        values(channels * height * width) {}

  double& at(int64_t c, int64_t y, int64_t x) {
    return values[(c * height + y) * width + x];
  }
  double at(int64_t c, int64_t y, int64_t x) const {
    return values[(c * height + y) * width + x];
  }

  int64_t channels;
  int64_t height;
  int64_t width;
  std::vector<double> values;
};

Chw RandomChw(int64_t channels, int64_t height, int64_t width, uint64_t seed) {
  Chw image(channels, height, width);
  const std::vector<float> numbers =
      RandomNumbers(channels * height * width, seed);
  std::copy(numbers.begin(), numbers.end(), image.values.begin());
  return image;
}

std::vector<double> HwcOf(const Chw& image) {
  std::vector<double> values;
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < image.width; ++x) {
      for (int64_t c = 0; c < image.channels; ++c) {
        values.push_back(image.at(c, y, x));
      }
    }
  }
  return values;
}

std::vector<float> HwcFloatsOf(const Chw& image) {
  const std::vector<double> values = HwcOf(image);
  return {values.begin(), values.end()};
}

// Moves the axes of an array of `sizes`: axis i of the result is `axes[i]`.
std::vector<float> Permute(const std::vector<float>& values,
                           const std::vector<int64_t>& sizes,
                           const std::vector<int>& axes) {
  std::vector<float> result;
  std::vector<int64_t> at(sizes.size());  // In the result.
  for (size_t i = 0; i < values.size(); ++i) {
    int64_t from = 0;
    for (size_t axis = 0; axis < sizes.size(); ++axis) {
      const int64_t to =
          std::find(axes.begin(), axes.end(), axis) - axes.begin();
      from = from * sizes[axis] + at[to];
    }
    result.push_back(values[from]);
    for (int axis = static_cast<int>(axes.size()) - 1; axis >= 0; --axis) {
      if (++at[axis] < sizes[axes[axis]]) break;
      at[axis] = 0;
    }
  }
  return result;
}

TEST(PortingPageTest, PermuteMovesAxes) {
  EXPECT_THAT(Permute({1, 2, 3, 4, 5, 6}, {2, 3}, {1, 0}),
              ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(Permute({1, 2, 3, 4, 5, 6}, {1, 2, 3}, {2, 0, 1}),
              ElementsAre(1, 4, 2, 5, 3, 6));
}

// torch.nn.functional.conv2d with weight [out, in / groups, k, k].
Chw PytorchConv(const Chw& x, const std::vector<float>& weight, int64_t out,
                int64_t k, int64_t groups, int64_t stride, int64_t padding) {
  const int64_t in = x.channels / groups;
  Chw y(out, (x.height + 2 * padding - k) / stride + 1,
        (x.width + 2 * padding - k) / stride + 1);
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t row = 0; row < y.height; ++row) {
      for (int64_t column = 0; column < y.width; ++column) {
        for (int64_t i = 0; i < in; ++i) {
          for (int64_t ky = 0; ky < k; ++ky) {
            for (int64_t kx = 0; kx < k; ++kx) {
              const int64_t sy = row * stride + ky - padding;
              const int64_t sx = column * stride + kx - padding;
              if (sy < 0 || sy >= x.height || sx < 0 || sx >= x.width) continue;
              const int64_t channel = o / (out / groups) * in + i;
              y.at(o, row, column) += x.at(channel, sy, sx) *
                                      weight[((o * in + i) * k + ky) * k + kx];
            }
          }
        }
      }
    }
  }
  return y;
}

Graph ConvGraph(const Chw& x, int64_t out, int64_t groups) {
  return GraphOfLayers(
      absl::StrCat("layer { name: 'conv' conv2d { output_channels: ", out,
                   " kernel: 3 stride: 2 padding: 1 bias: false groups: ",
                   groups, " } }"),
      {x.height, x.width, x.channels});
}

// Products of numbers below 1, at most 27: one rounding of less than 27.
constexpr double kConvTolerance = 27 * kRounding;

TEST(PortingLayoutTest, ConvWeightsOfPytorch) {
  const Chw x = RandomChw(3, 7, 6, 1);
  const std::vector<float> weight = RandomNumbers(4 * 3 * 3 * 3, 2);
  const Chw y = PytorchConv(x, weight, 4, 3, 1, 2, 1);
  const Graph graph = ConvGraph(x, 4, 1);
  const std::vector<float> input = HwcFloatsOf(x);
  EXPECT_LT(
      LargestDifference(
          RunGraph(graph, {Permute(weight, {4, 3, 3, 3}, {0, 2, 3, 1})}, input),
          HwcOf(y)),
      kConvTolerance);
  EXPECT_GT(LargestDifference(RunGraph(graph, {weight}, input), HwcOf(y)), 0.1);
}

TEST(PortingLayoutTest, ConvWeightsOfKeras) {
  const Chw x = RandomChw(3, 7, 6, 1);
  // [Kh, Kw, in, out]
  const std::vector<float> kernel = RandomNumbers(3 * 3 * 3 * 4, 2);
  Chw y(4, 4, 3);
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t column = 0; column < 3; ++column) {
      for (int64_t ky = 0; ky < 3; ++ky) {
        for (int64_t kx = 0; kx < 3; ++kx) {
          const int64_t sy = row * 2 + ky - 1;
          const int64_t sx = column * 2 + kx - 1;
          if (sy < 0 || sy >= 7 || sx < 0 || sx >= 6) continue;
          for (int64_t i = 0; i < 3; ++i) {
            for (int64_t o = 0; o < 4; ++o) {
              y.at(o, row, column) +=
                  x.at(i, sy, sx) * kernel[((ky * 3 + kx) * 3 + i) * 4 + o];
            }
          }
        }
      }
    }
  }
  EXPECT_LT(
      LargestDifference(RunGraph(ConvGraph(x, 4, 1),
                                 {Permute(kernel, {3, 3, 3, 4}, {3, 0, 1, 2})},
                                 HwcFloatsOf(x)),
                        HwcOf(y)),
      kConvTolerance);
}

TEST(PortingLayoutTest, GroupedConvWeights) {
  const Chw x = RandomChw(4, 7, 6, 3);
  const std::vector<float> weight = RandomNumbers(6 * 2 * 3 * 3, 4);
  EXPECT_LT(
      LargestDifference(RunGraph(ConvGraph(x, 6, 2),
                                 {Permute(weight, {6, 2, 3, 3}, {0, 2, 3, 1})},
                                 HwcFloatsOf(x)),
                        HwcOf(PytorchConv(x, weight, 6, 3, 2, 2, 1))),
      kConvTolerance);
}

// DepthwiseConv2D: output channel c * multiplier + m reads channel c.
TEST(PortingLayoutTest, DepthwiseWeightsOfKeras) {
  const Chw x = RandomChw(3, 7, 6, 3);
  const std::vector<float> kernel = RandomNumbers(3 * 3 * 3 * 2, 4);
  const std::vector<float> pytorch =
      Permute(kernel, {3, 3, 3, 2}, {2, 3, 0, 1});
  // By the definition of DepthwiseConv2D, for one position.
  const Chw y = PytorchConv(x, pytorch, 6, 3, 3, 2, 1);
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t m = 0; m < 2; ++m) {
      double sum = 0;
      for (int64_t ky = 0; ky < 3; ++ky) {
        for (int64_t kx = 0; kx < 3; ++kx) {
          sum +=
              x.at(c, 1 + ky, 1 + kx) * kernel[((ky * 3 + kx) * 3 + c) * 2 + m];
        }
      }
      EXPECT_NEAR(y.at(c * 2 + m, 1, 1), sum, 1e-12);
    }
  }
  EXPECT_LT(
      LargestDifference(RunGraph(ConvGraph(x, 6, 3), {pytorch}, HwcFloatsOf(x)),
                        HwcOf(y)),
      kConvTolerance);
}

TEST(PortingLayoutTest, Conv1dWeightsOfPytorch) {
  // x [in, length], weight [out, in, k]
  const std::vector<float> x = RandomNumbers(2 * 6, 1);
  const std::vector<float> weight = RandomNumbers(3 * 2 * 2, 2);
  std::vector<double> y;  // [length, out]
  for (int64_t at = 0; at < 5; ++at) {
    for (int64_t o = 0; o < 3; ++o) {
      double sum = 0;
      for (int64_t i = 0; i < 2; ++i) {
        for (int64_t k = 0; k < 2; ++k) {
          sum += double{x[i * 6 + at + k]} * weight[(o * 2 + i) * 2 + k];
        }
      }
      y.push_back(sum);
    }
  }
  const Graph graph = GraphOfLayers(
      "layer { name: 'conv' conv1d { output_channels: 3 kernel: 2 bias: false "
      "} }",
      {6, 2});
  EXPECT_LT(
      LargestDifference(RunGraph(graph, {Permute(weight, {3, 2, 2}, {0, 2, 1})},
                                 Permute(x, {2, 6}, {1, 0})),
                        y),
      kConvTolerance);
}

// torch.nn.functional.conv_transpose2d with weight [in, out, 3, 3].
Chw PytorchConvTranspose(const Chw& x, const std::vector<float>& weight,
                         int64_t out, int64_t stride, int64_t padding,
                         int64_t output_padding) {
  const auto size = [&](int64_t n) {
    return (n - 1) * stride - 2 * padding + 3 + output_padding;
  };
  Chw y(out, size(x.height), size(x.width));
  for (int64_t i = 0; i < x.channels; ++i) {
    for (int64_t row = 0; row < x.height; ++row) {
      for (int64_t column = 0; column < x.width; ++column) {
        for (int64_t o = 0; o < out; ++o) {
          for (int64_t ky = 0; ky < 3; ++ky) {
            for (int64_t kx = 0; kx < 3; ++kx) {
              const int64_t ty = row * stride + ky - padding;
              const int64_t tx = column * stride + kx - padding;
              if (ty < 0 || ty >= y.height || tx < 0 || tx >= y.width) continue;
              y.at(o, ty, tx) += x.at(i, row, column) *
                                 weight[((i * out + o) * 3 + ky) * 3 + kx];
            }
          }
        }
      }
    }
  }
  return y;
}

TEST(PortingLayoutTest, TransposedConvWeights) {
  const Chw x = RandomChw(3, 4, 3, 1);
  const std::vector<float> weight = RandomNumbers(3 * 2 * 3 * 3, 2);
  const std::vector<double> y =
      HwcOf(PytorchConvTranspose(x, weight, 2, 2, 1, 1));
  const Graph graph = GraphOfLayers(
      "layer { name: 'conv' conv_transpose2d { output_channels: 2 kernel: 3 "
      "stride: 2 padding: 1 output_padding: 1 bias: false } }",
      {4, 3, 3});
  const std::vector<float> ours = Permute(weight, {3, 2, 3, 3}, {1, 2, 3, 0});
  EXPECT_LT(LargestDifference(RunGraph(graph, {ours}, HwcFloatsOf(x)), y),
            kConvTolerance);
  // Keras has [Kh, Kw, out, in].
  const std::vector<float> keras = Permute(weight, {3, 2, 3, 3}, {2, 3, 1, 0});
  EXPECT_EQ(Permute(keras, {3, 3, 2, 3}, {2, 0, 1, 3}), ours);
}

TEST(PortingLayoutTest, LinearWeights) {
  const std::vector<float> x = RandomNumbers(5, 1);
  const std::vector<float> weight = RandomNumbers(4 * 5, 2);  // [out, in]
  const std::vector<float> bias = RandomNumbers(4, 3);
  std::vector<double> y(bias.begin(), bias.end());  // x W^T + b
  for (int64_t o = 0; o < 4; ++o) {
    for (int64_t i = 0; i < 5; ++i) y[o] += double{x[i]} * weight[o * 5 + i];
  }
  const Graph graph = GraphOfLayers(
      "layer { name: 'linear' linear { output_features: 4 } }", {5});
  EXPECT_LT(LargestDifference(RunGraph(graph, {weight, bias}, x), y),
            kConvTolerance);
  // Keras computes x K + b with K [in, out].
  const std::vector<float> kernel = Permute(weight, {4, 5}, {1, 0});
  std::vector<double> keras(bias.begin(), bias.end());
  for (int64_t o = 0; o < 4; ++o) {
    for (int64_t i = 0; i < 5; ++i)
      keras[o] += double{x[i]} * kernel[i * 4 + o];
  }
  EXPECT_LT(
      LargestDifference(
          RunGraph(graph, {Permute(kernel, {5, 4}, {1, 0}), bias}, x), keras),
      kConvTolerance);
}

TEST(PortingLayoutTest, FlattenOfPytorch) {
  const Chw x = RandomChw(3, 2, 4, 1);
  const std::vector<float> weight = RandomNumbers(5 * 24, 2);
  std::vector<double> y(5);  // Of features in the order of PyTorch's Flatten.
  for (int64_t o = 0; o < 5; ++o) {
    for (int64_t i = 0; i < 24; ++i) y[o] += x.values[i] * weight[o * 24 + i];
  }
  const Graph graph = GraphOfLayers(
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'linear' linear { output_features: 5 bias: false } }",
      {2, 4, 3});
  EXPECT_LT(LargestDifference(
                RunGraph(graph, {Permute(weight, {5, 3, 2, 4}, {0, 2, 3, 1})},
                         HwcFloatsOf(x)),
                y),
            kConvTolerance);
  EXPECT_GT(LargestDifference(RunGraph(graph, {weight}, HwcFloatsOf(x)), y),
            0.1);
}

TEST(PortingLayoutTest, FlattenOfKeras) {
  // Row-major order of [H, W, C], as numpy.reshape.
  const std::vector<float> x = RandomNumbers(2 * 4 * 3, 1);
  const Graph graph =
      GraphOfLayers("layer { name: 'flatten' flatten {} }", {2, 4, 3});
  EXPECT_EQ(RunGraph(graph, {}, x), x);
}

TEST(PortingLayoutTest, ConcatJoinsChannels) {
  // torch.cat(dim=1) of [N, 1, 2, 2] and [N, 2, 2, 2].
  const Chw a = RandomChw(1, 2, 2, 1);
  const Chw b = RandomChw(2, 2, 2, 2);
  Chw both(3, 2, 2);
  std::copy(a.values.begin(), a.values.end(), both.values.begin());
  std::copy(b.values.begin(), b.values.end(), both.values.begin() + 4);
  const Graph graph = GraphOfLayers(
      absl::StrCat("layer { name: 'first' conv2d { output_channels: 1 kernel: 1"
                   " bias: false } }"
                   "layer { name: 'rest' input: 'image' conv2d { "
                   "output_channels: 2 kernel: 1 bias: false } }"
                   "layer { name: 'both' input: 'first' input: 'rest' ",
                   OnPage("concat {}"), " }"),
      {2, 2, 3});
  // Each convolution copies its channels.
  EXPECT_LT(LargestDifference(RunGraph(graph, {{1, 0, 0}, {0, 1, 0, 0, 0, 1}},
                                       HwcFloatsOf(both)),
                              HwcOf(both)),
            1e-30);
}

// Conv2d, BatchNorm2d, ReLU, MaxPool2d, Flatten, Linear: all of PyTorch's
// state_dict, permuted.
TEST(PortingLayoutTest, WholeNetworkOfPytorch) {
  const Chw x = RandomChw(2, 6, 6, 1);
  const std::vector<float> weight = RandomNumbers(3 * 2 * 3 * 3, 2);
  const std::vector<float> bias = RandomNumbers(3, 3);
  const std::vector<float> scale = RandomNumbers(3, 4);
  const std::vector<float> shift = RandomNumbers(3, 5);
  const std::vector<float> mean = RandomNumbers(3, 6);
  const std::vector<float> variance = {0.5f, 1, 2};
  const std::vector<float> linear = RandomNumbers(4 * 27, 7);
  const std::vector<float> linear_bias = RandomNumbers(4, 8);

  Chw y = PytorchConv(x, weight, 3, 3, 1, 1, 1);
  double largest = 0;
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t i = 0; i < 36; ++i) {
      double& value = y.values[c * 36 + i];
      value = (value + bias[c] - mean[c]) / std::sqrt(variance[c] + 1e-5) *
                  scale[c] +
              shift[c];
      value = std::max(value, 0.0);
      largest = std::max(largest, value);
    }
  }
  std::vector<double> scores(linear_bias.begin(), linear_bias.end());
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t row = 0; row < 3; ++row) {
      for (int64_t column = 0; column < 3; ++column) {
        const double pooled = std::max({y.at(c, 2 * row, 2 * column),
                                        y.at(c, 2 * row, 2 * column + 1),
                                        y.at(c, 2 * row + 1, 2 * column),
                                        y.at(c, 2 * row + 1, 2 * column + 1)});
        for (int64_t o = 0; o < 4; ++o) {
          scores[o] += pooled * linear[o * 27 + (c * 3 + row) * 3 + column];
        }
      }
    }
  }

  const Graph graph = GraphOfLayers(
      "layer { name: 'conv' conv2d { output_channels: 3 kernel: 3 padding: 1 }}"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'relu' relu {} }"
      "layer { name: 'pool' max_pool2d { kernel: 2 } }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'linear' linear { output_features: 4 } }",
      {6, 6, 2});
  const std::vector<float> ours = Permute(linear, {4, 3, 3, 3}, {0, 2, 3, 1});
  const std::vector<float> input = HwcFloatsOf(x);
  const std::vector<std::vector<float>> parameters = {
      Permute(weight, {3, 2, 3, 3}, {0, 2, 3, 1}),
      bias,
      scale,
      shift,
      mean,
      variance,
      ours,
      linear_bias};
  // Rounding: convolutions are below 19, and a norm multiplies errors by at
  // most 1 / sqrt(0.5); the norm rounds, too. 27 of these are added.
  const double tolerance =
      (27 * (19 * std::sqrt(2.0) + 2 * largest) + 27 * largest) * kRounding;
  EXPECT_LT(LargestDifference(RunGraph(graph, parameters, input), scores),
            tolerance);
  std::vector<std::vector<float>> unpermuted = parameters;
  unpermuted[6] = linear;
  EXPECT_GT(LargestDifference(RunGraph(graph, unpermuted, input), scores), 0.1);
}

TEST(PortingLayoutTest, NamesOfParameters) {
  const Graph graph = GraphOfLayers(
      "layer { name: 'conv' conv2d { output_channels: 3 kernel: 3 } }"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'fc' linear { output_features: 4 } }",
      {6, 6, 2});
  std::vector<std::string> names;
  for (const Graph::Parameter& parameter : graph.parameters()) {
    names.push_back(parameter.name);
  }
  EXPECT_THAT(names,
              ElementsAre("conv.weight", "conv.bias", "norm.scale", "norm.bias",
                          "norm.running_mean", "norm.running_variance",
                          "fc.weight", "fc.bias"));
  for (const char* name :
       {"weight", "scale", "bias", "running_mean", "running_variance"}) {
    OnPage(name);
  }
}

// ToTensor() and Normalize(mean, std); Rescaling(1 / 255) and
// Normalization(mean, variance = std^2).
TEST(PortingLayoutTest, PixelsBecomeNumbers) {
  const std::vector<uint8_t> pixels = {0, 51, 102, 153, 204, 255};
  EXPECT_EQ(RecipeOnPage("data { normalization { mean: 0.5 deviation: 0.5 } }")
                .data()
                .normalization()
                .mean(0),
            0.5f);
  std::vector<float> numbers(6);
  NormalizePixels(pixels, 3, {}, numbers.data());
  std::vector<double> expected;
  for (const uint8_t pixel : pixels) expected.push_back(pixel / 255.0);
  EXPECT_LT(LargestDifference(numbers, expected), 2 * kRounding);

  const Normalization normalization = {.mean = {0.5f, 0.25f, 0.75f},
                                       .deviation = {0.5f, 0.25f, 0.125f}};
  NormalizePixels(pixels, 3, normalization, numbers.data());
  for (int i = 0; i < 6; ++i) {
    expected[i] = (expected[i] - normalization.mean[i % 3]) /
                  normalization.deviation[i % 3];
  }
  // The quotient's rounding, that of the difference, and twice the pixel's, all
  // over at least 1/8.
  EXPECT_LT(LargestDifference(numbers, expected), 8 * 5 * kRounding);
}

}  // namespace
}  // namespace lenslet
