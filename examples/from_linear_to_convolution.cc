// From fully connected layers to convolutions: what becomes of a linear layer
// that looks at each place of an image in the same way, and not far.

#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "lenslet/base/random.h"
#include "lenslet/base/text_format.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/rearrange.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kSize = 5;   // Of the image.
constexpr int64_t kDelta = 1;  // How far an output looks.

// Whole numbers from -9 to 9, whose products and sums are not rounded.
Tensor Whole(const Shape& shape, uint64_t seed) {
  Random random(seed);
  Tensor tensor(shape);
  for (float& value : tensor.span()) value = random.Below(19) - 9;
  return tensor;
}

// h[i, j] = sum over k, l of w[i, j, k, l] x[k, l]
Tensor FullyConnected(const Tensor& w, const Tensor& x) {
  Tensor h({kSize, kSize});
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j) {
      for (int64_t k = 0; k < kSize; ++k) {
        for (int64_t l = 0; l < kSize; ++l) {
          h(i, j) += w(i, j, k, l) * x(k, l);
        }
      }
    }
  }
  return h;
}

// The same by the linear operator, on the image as one row of numbers.
Tensor Flattened(const Tensor& w, const Tensor& x) {
  constexpr int64_t kPixels = kSize * kSize;
  const Tensor weight = Reshaped(w, {kPixels, kPixels});
  return Reshaped(Linear(Reshaped(x, {1, kPixels}), weight).value(),
                  {kSize, kSize});
}

// Weights that depend only on the offset from (i, j) to (k, l), and are zero
// beyond kDelta: w[i, j, i + a, j + b] = v[a, b].
Tensor TiedAndLocal(const Tensor& v) {
  Tensor w({kSize, kSize, kSize, kSize});
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j) {
      for (int64_t k = 0; k < kSize; ++k) {
        for (int64_t l = 0; l < kSize; ++l) {
          const int64_t a = k - i;
          const int64_t b = l - j;
          if (std::abs(a) > kDelta || std::abs(b) > kDelta) continue;
          w(i, j, k, l) = v(a + kDelta, b + kDelta);
        }
      }
    }
  }
  return w;
}

// Of one output pixel, w[i, j], in the image's shape.
Tensor WeightsOf(const Tensor& w, int64_t i, int64_t j) {
  return Reshaped(Slice(w, {{i, i + 1}, {j, j + 1}}), {kSize, kSize});
}

const char* YesOrNo(const Tensor& a, const Tensor& b) {
  return AllClose(a, b).ok() ? "yes" : "no";
}

void Main() {
  const Tensor x = Whole({kSize, kSize}, /*seed=*/1);
  const Tensor w = Whole({kSize, kSize, kSize, kSize}, /*seed=*/2);
  std::cout << "A weight for each pixel of the output and of the input is a "
               "linear layer: "
            << YesOrNo(FullyConnected(w, x), Flattened(w, x)) << "\n\n";

  const Tensor v = Whole({2 * kDelta + 1, 2 * kDelta + 1}, /*seed=*/3);
  const Tensor tied = TiedAndLocal(v);
  std::cout << "v\n"
            << v << "\nThe weights of output (1, 2)\n"
            << WeightsOf(tied, 1, 2) << "\nThe weights of output (3, 3)\n"
            << WeightsOf(tied, 3, 3) << "\n";
  const Tensor convolved = ToMatrix(
      Conv2d(ToImage(x), ToImage(v), {.padding = {kDelta, kDelta}}).value());
  std::cout << "Such a layer is a convolution with v: "
            << YesOrNo(FullyConnected(tied, x), convolved) << "\n\n";

  // What that saves, with a million pixels.
  constexpr int64_t kSide = 1000;
  constexpr int64_t kPixels = kSide * kSide;
  constexpr int64_t kFar = 10;
  std::cout << "Parameters for images of 1000x1000 pixels\n"
            << "1000 hidden units:                 "
            << WithCommas(kPixels * 1000) << "\n"
            << "a hidden unit for each pixel:      "
            << WithCommas(kPixels * kPixels) << "\n"
            << "the same weights at each place:    "
            << WithCommas(2 * kSide * 2 * kSide) << "\n"
            << "up to 10 pixels away, 4 * 10 * 10: "
            << WithCommas(4 * kFar * kFar) << "\n";
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
