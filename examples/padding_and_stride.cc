// Padding and stride: how large the output is.

#include <cstdint>
#include <iostream>

#include "lenslet/examples/matrix.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The output's height and width for a square image and a kernel of ones.
void PrintSize(int64_t size, const Axes& kernel, const ConvOptions& options) {
  const Tensor image({1, size, size, 1});
  const Tensor filter({1, kernel[0], kernel[1], 1});
  const Tensor y = Conv2d(image, filter, options).value();
  std::cout << size << "x" << size << " -> " << y.shape().dim(1) << "x"
            << y.shape().dim(2) << "\n";
}

void Main() {
  // A row and a column of zeros on each side: along an axis of n pixels, a
  // kernel of k has n + 2p - k + 1 places.
  const Tensor x = Iota({3, 3});
  const Tensor k = Iota({2, 2});
  std::cout << "x padded by 1\n"
            << ToMatrix(
                   Conv2d(ToImage(x), ToImage(k), {.padding = {1, 1}}).value())
            << "\n\n";

  // The kernel moves 3 rows down and 2 columns to the right at a time, which
  // leaves (n + 2p - k + s) / s places, rounded down.
  std::cout << "and with stride (3, 2)\n"
            << ToMatrix(Conv2d(ToImage(x), ToImage(k),
                               {.stride = {3, 2}, .padding = {1, 1}})
                            .value())
            << "\n\n";

  // Odd kernels keep the size with (k - 1) / 2 zeros on each side.
  std::cout << "kernel 3x3, padding 1\n";
  PrintSize(8, {3, 3}, {.padding = {1, 1}});
  std::cout << "kernel 5x3, padding (2, 1)\n";
  PrintSize(8, {5, 3}, {.padding = {2, 1}});
  std::cout << "kernel 3x3, padding 1, stride 2\n";
  PrintSize(8, {3, 3}, {.stride = {2, 2}, .padding = {1, 1}});
  std::cout << "kernel 3x5, padding (0, 1), stride (3, 4)\n";
  PrintSize(8, {3, 5}, {.stride = {3, 4}, .padding = {0, 1}});

  // Even kernels need one zero more on one side: here below and to the right.
  std::cout << "kernel 4x4, padding 1 before and 2 after\n";
  PrintSize(8, {4, 4}, {.padding = {{1, 1}, {2, 2}}});
  std::cout << "\n";

  // Zeros are not the only numbers to put around an image.
  std::cout << "x mirrored at its edges\n"
            << ToMatrix(Pad(ToImage(x), {1, 1}, PaddingMode::kReflect).value())
            << "\nx with its edges repeated\n"
            << ToMatrix(
                   Pad(ToImage(x), {1, 1}, PaddingMode::kReplicate).value())
            << "\n\n";

  // Without padding each layer takes four pixels of a side.
  Tensor image({1, 240, 240, 1});
  const Tensor filter({1, 5, 5, 1});
  for (int layer = 0; layer < 10; ++layer) {
    image = Conv2d(image, filter).value();
  }
  std::cout << "ten kernels 5x5 without padding\n240x240 -> "
            << image.shape().dim(1) << "x" << image.shape().dim(2) << "\n\n";

  // A stride of one half: a transposed convolution runs a convolution
  // backwards, from its output's size to its input's.
  const Tensor small({1, 16, 16, 1});
  const Tensor large = ConvTranspose2d(small, Tensor({1, 3, 3, 1}),
                                       {.stride = {2, 2}, .padding = {1, 1}})
                           .value();
  std::cout << "transposed, kernel 3x3, padding 1, stride 2\n16x16 -> "
            << large.shape().dim(1) << "x" << large.shape().dim(2) << "\n";
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
