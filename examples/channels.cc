// Multiple input and multiple output channels.

#include <cstdint>
#include <iostream>

#include "lenslet/base/random.h"
#include "lenslet/base/text_format.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/rearrange.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Channels lie side by side in each pixel: [N, H, W, C]. Prints one of them.
void PrintChannel(const Tensor& images, int64_t channel) {
  const Tensor one =
      Slice(images, {{0, 1}, All(), All(), {channel, channel + 1}});
  std::cout << "channel " << channel << "\n" << ToMatrix(one) << "\n";
}

// Multiply-adds of a 5x5 convolution of an image of 256x256 that keeps its
// size and its number of channels.
int64_t MultiplyAdds(int64_t channels, int64_t groups = 1) {
  const ConvSpec spec = {.input_channels = channels,
                         .output_channels = channels,
                         .window = {.kernel = {5, 5}, .padding = {2, 2}},
                         .groups = groups};
  return ComputeCost(spec, {256, 256, channels}).value().multiply_adds;
}

void Main() {
  // Two input channels, 0 to 8 and 1 to 9. The filter has a kernel for each of
  // them, 0 to 3 and 1 to 4; the results are added up.
  Tensor x({1, 3, 3, 2});
  Tensor filter({1, 2, 2, 2});
  for (int64_t c = 0; c < 2; ++c) {
    SetSlice(x, {All(), All(), All(), {c, c + 1}}, Iota({1, 3, 3, 1}, c));
    SetSlice(filter, {All(), All(), All(), {c, c + 1}}, Iota({1, 2, 2, 1}, c));
  }
  std::cout << "Two input channels, one output channel\n";
  PrintChannel(Conv2d(x, filter).value(), 0);

  // One filter for each output channel: K, K + 1 and K + 2.
  Tensor filters({3, 2, 2, 2});
  for (int64_t k = 0; k < 3; ++k) SetSlice(filters, {{k, k + 1}}, filter + k);
  const Tensor y = Conv2d(x, filters).value();
  std::cout << "\nTwo input channels, three output channels\n";
  for (int64_t c = 0; c < 3; ++c) PrintChannel(y, c);

  // A 1x1 kernel sees one pixel: its convolution is a linear layer that goes
  // from pixel to pixel.
  Random random(/*seed=*/0);
  Tensor image({1, 3, 3, 3});
  Tensor kernel({2, 1, 1, 3});
  FillNormal(0, 1, random, image.span());
  FillNormal(0, 1, random, kernel.span());
  const Tensor convolved = Conv2d(image, kernel).value();
  const Tensor linear = Linear(image, Reshaped(kernel, {2, 3})).value();
  const bool equal = AllClose(convolved, linear, {.absolute = 1e-6}).ok();
  std::cout << "\nA 1x1 convolution is a linear layer on each pixel: "
            << (equal ? "equal" : "different") << "\n\n";

  // Each output pixel takes 25 multiply-adds for each input channel and each
  // output channel. Twice the channels on both sides are four times the work.
  const int64_t few = MultiplyAdds(128);
  const int64_t many = MultiplyAdds(256);
  std::cout << "A 5x5 convolution of 256x256 pixels\n"
            << "128 -> 128 channels: " << WithCommas(few)
            << " multiply-adds,\n  that is " << WithCommas(2 * few)
            << " multiplications and additions\n"
            << "256 -> 256 channels: " << WithCommas(many) << " multiply-adds, "
            << many / few << " times as many\n";

  // Channels in 4 groups that do not look at each other: a quarter of the work.
  const int64_t grouped = MultiplyAdds(256, /*groups=*/4);
  std::cout << "  in 4 groups:       " << WithCommas(grouped)
            << " multiply-adds, 1/" << many / grouped << " of them\n";
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
