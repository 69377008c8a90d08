// Learning a kernel: find the kernel that made y of x, from x and y alone.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "lenslet/base/random.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_autograd.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/autograd.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// White, with a black stripe in columns 2 to 5.
Tensor MakeImage() {
  Tensor image = Ones({6, 8});
  SetSlice(image, {All(), {2, 6}}, 0);
  return image;
}

// Returns the kernel that makes `edges` of `image`. Prints losses, which are
// sums of squared errors.
Variable LearnKernel(const Tensor& image, const Tensor& edges) {
  Variable kernel(Tensor({1, 1, 2, 1}));  // Zeros.
  const Tensor x = ToImage(image);
  const Tensor y = ToImage(edges);
  const float rate = 0.03f;
  for (int i = 0; i < 10; ++i) {
    const Variable y_hat = Conv2d(x, kernel);
    const Variable loss = Sum(Square(y_hat - y));
    loss.Backward();
    kernel.mutable_value() -= rate * kernel.gradient();
    if ((i + 1) % 2 == 0) {
      std::printf("iteration %2d, loss %.3f\n", i + 1, loss.value()());
    }
  }
  return kernel;
}

// The same from another start, or with other options. Returns the last loss.
float LastLoss(const Tensor& x, const Tensor& y, Variable& kernel,
               const ConvOptions& options = {}) {
  float last = 0;
  for (int i = 0; i < 10; ++i) {
    const Variable loss = Sum(Square(Conv2d(x, kernel, options) - y));
    loss.Backward();
    kernel.mutable_value() -= 0.03f * kernel.gradient();
    last = loss.value()();
  }
  return last;
}

void PrintKernel(const Variable& kernel) {
  std::printf("learned kernel: [%.5f, %.5f]\n\n", kernel.value()(0, 0, 0, 0),
              kernel.value()(0, 0, 1, 0));
}

void Main() {
  const Tensor image = MakeImage();
  const Tensor x = ToImage(image);
  const Tensor y = Conv2d(x, ToImage(Tensor::Of({1, 2}, {1, -1}))).value();
  PrintKernel(LearnKernel(image, ToMatrix(y)));

  // From kernels drawn at random, as layers usually start, how far ten
  // iterations get depends on the draw.
  float best = INFINITY;
  float worst = 0;
  Random random(/*seed=*/0);
  constexpr int kStarts = 46;
  for (int start = 0; start < kStarts; ++start) {
    Variable drawn(Tensor({1, 1, 2, 1}));
    const double bound = std::sqrt(0.5);
    FillUniform(-bound, bound, random, drawn.mutable_value().span());
    const float loss = LastLoss(x, y, drawn);
    best = std::min(best, loss);
    worst = std::max(worst, loss);
  }
  std::printf("%d random starts: last loss %.3f to %.3f\n\n", kStarts, best,
              worst);

  // A strict convolution learns the flipped kernel; its outputs are the same.
  Variable flipped(Tensor({1, 1, 2, 1}));
  std::printf("strict convolution: last loss %.3f\n",
              LastLoss(x, y, flipped, {.flip = true}));
  PrintKernel(flipped);
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
