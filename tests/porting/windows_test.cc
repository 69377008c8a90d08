// Padding, pooling and transposed convolutions of docs/porting.md. The oracles
// work on one channel and one axis. All windows are products of such.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/layers/graph.h"
#include "lenslet/tests/porting/porting.h"

namespace lenslet {
namespace {

// Windows have up to 5 taps of numbers below 1.
constexpr double kWindowTolerance = 5 * kRounding;

std::vector<float> RunKind(const std::string& kind, const std::vector<float>& x,
                           const std::vector<std::vector<float>>& parameters) {
  return RunGraph(
      GraphOfLayers(absl::StrCat("layer { name: 'layer' ", kind, " }"),
                    {std::ssize(x), 1}),
      parameters, x);
}

struct Same {
  int64_t output;
  int64_t before;
  int64_t after;
};

// padding="same" of Keras: tf.nn's documentation of "SAME".
Same KerasSame(int64_t n, int64_t kernel, int64_t stride, int64_t dilation) {
  const int64_t output = (n + stride - 1) / stride;
  const int64_t total = std::max<int64_t>(
      0, (output - 1) * stride + (kernel - 1) * dilation + 1 - n);
  return {output, total / 2, total - total / 2};
}

// A correlation of x, padded by zeros.
std::vector<double> Correlate(const std::vector<float>& x,
                              const std::vector<float>& w, int64_t stride,
                              int64_t dilation, const Same& same) {
  std::vector<double> y(same.output);
  for (int64_t o = 0; o < same.output; ++o) {
    for (int64_t k = 0; k < std::ssize(w); ++k) {
      const int64_t from = o * stride + k * dilation - same.before;
      if (from >= 0 && from < std::ssize(x)) y[o] += double{x[from]} * w[k];
    }
  }
  return y;
}

std::string PaddingFields(const Same& same) {
  return absl::StrCat("padding_before: ", same.before,
                      " padding_after: ", same.after);
}

TEST(PortingWindowTest, SameConvOfKeras) {
  int asymmetric = 0;
  for (int64_t n = 4; n <= 9; ++n) {
    const std::vector<float> x = RandomNumbers(n, n);
    for (int64_t kernel = 1; kernel <= 4; ++kernel) {
      const std::vector<float> w = RandomNumbers(kernel, kernel);
      for (int64_t stride = 1; stride <= 3; ++stride) {
        for (int64_t dilation = 1; dilation <= 2; ++dilation) {
          const Same same = KerasSame(n, kernel, stride, dilation);
          asymmetric += same.before != same.after;
          EXPECT_LT(
              LargestDifference(
                  RunKind(
                      absl::StrCat(
                          "conv1d { output_channels: 1 bias: false kernel: ",
                          kernel, " stride: ", stride, " dilation: ", dilation,
                          " ", PaddingFields(same), " }"),
                      x, {w}),
                  Correlate(x, w, stride, dilation, same)),
              kWindowTolerance)
              << n << " " << kernel << " " << stride << " " << dilation;
        }
      }
    }
  }
  EXPECT_GT(asymmetric, 20);
  // The page's example, for even sizes. Symmetric padding shifts the image.
  const std::vector<float> image = RandomNumbers(8 * 8, 1);
  const std::vector<float> weight = RandomNumbers(9, 2);
  const std::vector<float> y = RunGraph(
      GraphOfLayerOnPage("conv2d { output_channels: 1 kernel: 3 stride: 2 "
                         "padding_before: 0 padding_after: 1 bias: false }",
                         {8, 8, 1}),
      {weight}, image);
  std::vector<double> expected;
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t column = 0; column < 4; ++column) {
      double sum = 0;
      for (int64_t ky = 0; ky < 3; ++ky) {
        for (int64_t kx = 0; kx < 3; ++kx) {
          const int64_t sy = 2 * row + ky;
          const int64_t sx = 2 * column + kx;
          if (sy < 8 && sx < 8) {
            sum += double{image[sy * 8 + sx]} * weight[ky * 3 + kx];
          }
        }
      }
      expected.push_back(sum);
    }
  }
  EXPECT_EQ(KerasSame(8, 3, 2, 1).before, 0);
  EXPECT_LT(LargestDifference(y, expected), 9 * kRounding);
  EXPECT_GT(LargestDifference(
                RunGraph(GraphOfLayers(
                             "layer { name: 'layer' conv2d { output_channels: 1"
                             " kernel: 3 stride: 2 padding: 1 bias: false } }",
                             {8, 8, 1}),
                         {weight}, image),
                expected),
            0.1);
}

// padding='same' of Conv1d to 3d, which needs stride 1: total = dilation *
// (kernel - 1), its half rounded down on the left.
TEST(PortingWindowTest, SameConvOfPytorch) {
  for (int64_t kernel = 1; kernel <= 5; ++kernel) {
    for (int64_t dilation = 1; dilation <= 3; ++dilation) {
      const int64_t total = dilation * (kernel - 1);
      const Same same = {7, total / 2, total - total / 2};
      const std::vector<float> x = RandomNumbers(7, kernel);
      const std::vector<float> w = RandomNumbers(kernel, dilation);
      EXPECT_LT(
          LargestDifference(
              RunKind(absl::StrCat("conv1d { output_channels: 1 bias: false "
                                   "kernel: ",
                                   kernel, " dilation: ", dilation, " ",
                                   PaddingFields(same), " }"),
                      x, {w}),
              Correlate(x, w, 1, dilation, same)),
          kWindowTolerance);
    }
  }
}

// Conv2d's padding_mode='reflect' and 'replicate', for a row a b c d.
TEST(PortingWindowTest, PaddingModesOfPytorch) {
  const std::vector<float> x = {1, 2, 3, 4};
  const auto padded = [&](const std::string& mode) {
    OnPage(absl::StrCat("padding_mode: ", mode));
    return RunKind(absl::StrCat("conv1d { output_channels: 1 kernel: 1 "
                                "bias: false padding: 2 padding_mode: ",
                                mode, " }"),
                   x, {{1}});
  };
  EXPECT_EQ(padded("ZERO"), (std::vector<float>{0, 0, 1, 2, 3, 4, 0, 0}));
  EXPECT_EQ(padded("REFLECT"), (std::vector<float>{3, 2, 1, 2, 3, 4, 3, 2}));
  EXPECT_EQ(padded("REPLICATE"), (std::vector<float>{1, 1, 1, 2, 3, 4, 4, 4}));
}

// AvgPool1d and MaxPool1d of PyTorch, with the output's size from the
// documentation of ceil_mode: windows that start in the right padding are
// dropped. Average: the divisor is the window's part on the padded input, or on
// the input.
struct PytorchPool {
  int64_t kernel = 2;
  int64_t stride = 2;
  int64_t padding = 0;
  bool ceil = false;
  bool count_include_pad = true;
  bool max = false;

  std::vector<double> operator()(const std::vector<float>& x) const {
    const int64_t n = std::ssize(x);
    int64_t size =
        (n + 2 * padding - kernel + (ceil ? stride - 1 : 0)) / stride + 1;
    if (ceil && (size - 1) * stride >= n + padding) --size;
    std::vector<double> y;
    for (int64_t o = 0; o < size; ++o) {
      const int64_t start = o * stride - padding;
      const int64_t end = std::min(start + kernel, n + padding);
      const int64_t first = std::max<int64_t>(start, 0);
      const int64_t last = std::min(end, n);
      double sum = 0;
      double largest = -std::numeric_limits<double>::infinity();
      for (int64_t i = first; i < last; ++i) {
        sum += x[i];
        largest = std::max<double>(largest, x[i]);
      }
      const int64_t divisor = count_include_pad ? end - start : last - first;
      y.push_back(max ? largest : sum / divisor);
    }
    return y;
  }

  std::string Fields() const {
    return absl::StrCat("kernel: ", kernel, " stride: ", stride,
                        " padding: ", padding, " ceil: ", ceil);
  }
};

// Calls `check` with pools of many sizes. PyTorch's padding is at most half the
// kernel.
template <typename Check>
void ForEachPool(const Check& check) {
  for (int64_t kernel = 1; kernel <= 4; ++kernel) {
    for (int64_t stride = 1; stride <= 4; ++stride) {
      for (int64_t padding = 0; padding <= kernel / 2; ++padding) {
        for (const bool ceil : {false, true}) {
          for (int64_t n = 5; n <= 8; ++n) {
            check(PytorchPool{kernel, stride, padding, ceil},
                  RandomNumbers(n, n));
          }
        }
      }
    }
  }
}

TEST(PortingWindowTest, AveragesOfPytorchCountPadding) {
  ForEachPool([](const PytorchPool& pool, const std::vector<float>& x) {
    EXPECT_LT(
        LargestDifference(
            RunKind(absl::StrCat("avg_pool1d { ", pool.Fields(), " }"), x, {}),
            pool(x)),
        kWindowTolerance)
        << pool.Fields();
  });
}

TEST(PortingWindowTest, AveragesWithoutPadding) {
  OnPage("count_padding: false");
  int different = 0;
  ForEachPool([&](PytorchPool pool, const std::vector<float>& x) {
    const std::vector<double> counted = pool(x);
    pool.count_include_pad = false;
    const std::vector<float> y = RunKind(
        absl::StrCat("avg_pool1d { count_padding: false ", pool.Fields(), " }"),
        x, {});
    EXPECT_LT(LargestDifference(y, pool(x)), kWindowTolerance) << pool.Fields();
    different += LargestDifference(y, counted) > 0.01;
  });
  EXPECT_GT(different, 20);
}

TEST(PortingWindowTest, CeilModeOfPytorch) {
  OnPage("ceil: true");
  int longer = 0;
  int dropped = 0;
  ForEachPool([&](PytorchPool pool, const std::vector<float>& x) {
    pool.max = true;
    const std::vector<double> expected = pool(x);
    EXPECT_LT(
        LargestDifference(
            RunKind(absl::StrCat("max_pool1d { ", pool.Fields(), " }"), x, {}),
            expected),
        kWindowTolerance)
        << pool.Fields();
    if (!pool.ceil) return;
    pool.ceil = false;
    longer += expected.size() > pool(x).size();
    dropped += (std::ssize(x) + 2 * pool.padding - pool.kernel + pool.stride -
                1) / pool.stride +
                   1 >
               std::ssize(expected);
  });
  EXPECT_GT(longer, 20);
  EXPECT_GT(dropped, 0);
}

TEST(PortingWindowTest, PoolsOfKerasIgnorePadding) {
  int asymmetric = 0;
  for (int64_t n = 4; n <= 9; ++n) {
    const std::vector<float> x = RandomNumbers(n, n);
    for (int64_t kernel = 1; kernel <= 4; ++kernel) {
      for (int64_t stride = 1; stride <= kernel; ++stride) {
        const Same same = KerasSame(n, kernel, stride, 1);
        asymmetric += same.before != same.after;
        std::vector<double> max;
        std::vector<double> average;
        for (int64_t o = 0; o < same.output; ++o) {
          const int64_t begin = std::max<int64_t>(0, o * stride - same.before);
          const int64_t end = std::min(n, o * stride - same.before + kernel);
          max.push_back(*std::max_element(x.begin() + begin, x.begin() + end));
          double sum = 0;
          for (int64_t i = begin; i < end; ++i) sum += x[i];
          average.push_back(sum / (end - begin));
        }
        const std::string fields = absl::StrCat(
            "kernel: ", kernel, " stride: ", stride, " ", PaddingFields(same));
        EXPECT_LT(
            LargestDifference(
                RunKind(absl::StrCat("max_pool1d { ", fields, " }"), x, {}),
                max),
            kWindowTolerance);
        EXPECT_LT(LargestDifference(
                      RunKind(absl::StrCat("avg_pool1d { count_padding: false ",
                                           fields, " }"),
                              x, {}),
                      average),
                  kWindowTolerance);
      }
    }
  }
  EXPECT_GT(asymmetric, 10);
}

TEST(PortingWindowTest, PoolsHaveTheKernelAsStride) {
  const std::vector<float> x = RandomNumbers(9, 1);
  EXPECT_LT(LargestDifference(RunKind("avg_pool1d { kernel: 3 }", x, {}),
                              PytorchPool{.kernel = 3, .stride = 3}(x)),
            kWindowTolerance);
}

// AdaptiveAvgPool1d and AdaptiveMaxPool1d: window i of m is [floor(i n / m),
// ceil((i + 1) n / m)).
TEST(PortingWindowTest, AdaptivePoolsOfPytorch) {
  for (int64_t n = 1; n <= 7; ++n) {
    const std::vector<float> x = RandomNumbers(n, n);
    for (int64_t m = 1; m <= 8; ++m) {
      std::vector<double> average;
      std::vector<double> max;
      for (int64_t i = 0; i < m; ++i) {
        const auto begin =
            static_cast<int64_t>(std::floor(static_cast<double>(i * n) / m));
        const auto end = static_cast<int64_t>(
            std::ceil(static_cast<double>((i + 1) * n) / m));
        double sum = 0;
        for (int64_t j = begin; j < end; ++j) sum += x[j];
        average.push_back(sum / (end - begin));
        max.push_back(*std::max_element(x.begin() + begin, x.begin() + end));
      }
      const std::string fields = absl::StrCat(" { output: ", m, " }");
      EXPECT_LT(LargestDifference(
                    RunKind(absl::StrCat("adaptive_avg_pool", fields), x, {}),
                    average),
                7 * kRounding);
      EXPECT_LT(
          LargestDifference(
              RunKind(absl::StrCat("adaptive_max_pool", fields), x, {}), max),
          kRounding);
    }
  }
}

// Adds x[i] w[k] to position i * stride + k * dilation - crop.
std::vector<double> Spread(const std::vector<float>& x,
                           const std::vector<float>& w, int64_t stride,
                           int64_t dilation, int64_t crop, int64_t size) {
  std::vector<double> y(size);
  for (int64_t i = 0; i < std::ssize(x); ++i) {
    for (int64_t k = 0; k < std::ssize(w); ++k) {
      const int64_t to = i * stride + k * dilation - crop;
      if (to >= 0 && to < size) y[to] += double{x[i]} * w[k];
    }
  }
  return y;
}

std::string TransposeKind(int64_t kernel, int64_t stride, int64_t dilation,
                          const std::string& fields) {
  return absl::StrCat("conv_transpose1d { output_channels: 1 bias: false ",
                      "kernel: ", kernel, " stride: ", stride,
                      " dilation: ", dilation, " ", fields, " }");
}

// ConvTranspose1d: size (n - 1) stride - 2 padding + dilation (kernel - 1) +
// output_padding + 1.
TEST(PortingWindowTest, OutputPaddingOfPytorch) {
  const std::vector<float> x = RandomNumbers(5, 1);
  int padded = 0;
  for (int64_t kernel = 2; kernel <= 4; ++kernel) {
    const std::vector<float> w = RandomNumbers(kernel, kernel);
    for (int64_t stride = 1; stride <= 3; ++stride) {
      for (int64_t dilation = 1; dilation <= 2; ++dilation) {
        for (int64_t padding = 0; padding <= 1; ++padding) {
          for (int64_t more = 0; more < std::max(stride, dilation); ++more) {
            padded += more > 0;
            const int64_t size =
                4 * stride - 2 * padding + dilation * (kernel - 1) + more + 1;
            EXPECT_LT(LargestDifference(
                          RunKind(TransposeKind(
                                      kernel, stride, dilation,
                                      absl::StrCat("padding: ", padding,
                                                   " output_padding: ", more)),
                                  x, {w}),
                          Spread(x, w, stride, dilation, padding, size)),
                      kWindowTolerance);
          }
        }
      }
    }
  }
  EXPECT_GT(padded, 20);
}

// Conv2DTranspose(padding="same"): the output has n * stride numbers, and its
// crop is the padding of a "same" convolution of that size, which it
// transposes.
TEST(PortingWindowTest, SameTransposedConvOfKeras) {
  const std::vector<float> x = RandomNumbers(5, 1);
  for (int64_t kernel = 1; kernel <= 5; ++kernel) {
    const std::vector<float> w = RandomNumbers(kernel, kernel);
    for (int64_t stride = 1; stride <= 3; ++stride) {
      const Same same = KerasSame(5 * stride, kernel, stride, 1);
      ASSERT_EQ(same.output, 5);
      const int64_t more = std::max<int64_t>(0, stride - kernel);
      EXPECT_LT(
          LargestDifference(
              RunKind(TransposeKind(kernel, stride, 1,
                                    absl::StrCat(PaddingFields(same),
                                                 " output_padding: ", more)),
                      x, {w}),
              Spread(x, w, stride, 1, same.before, 5 * stride)),
          kWindowTolerance)
          << kernel << " " << stride;
    }
  }
}

// padding="valid": (n - 1) stride + max(kernel, stride).
TEST(PortingWindowTest, ValidTransposedConvOfKeras) {
  const std::vector<float> x = RandomNumbers(5, 1);
  for (int64_t kernel = 1; kernel <= 4; ++kernel) {
    const std::vector<float> w = RandomNumbers(kernel, kernel);
    for (int64_t stride = 1; stride <= 4; ++stride) {
      const int64_t size = 4 * stride + std::max(kernel, stride);
      EXPECT_LT(
          LargestDifference(
              RunKind(TransposeKind(
                          kernel, stride, 1,
                          absl::StrCat("output_padding: ",
                                       std::max<int64_t>(0, stride - kernel))),
                      x, {w}),
              Spread(x, w, stride, 1, 0, size)),
          kWindowTolerance);
    }
  }
}

}  // namespace
}  // namespace lenslet
