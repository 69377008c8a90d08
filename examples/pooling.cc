// Pooling: the largest or the mean number below a window.

#include <cstdint>
#include <iostream>

#include "absl/strings/string_view.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/pool/pool_cost.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void Print(absl::string_view title, const Tensor& image) {
  std::cout << title << "\n" << ToMatrix(image) << "\n\n";
}

// What `reduce` makes of each part of x that lies below a window of h x w.
Tensor Pool2d(const Tensor& x, int64_t h, int64_t w,
              float (*reduce)(const Tensor&)) {
  Tensor y({x.shape().dim(0) - h + 1, x.shape().dim(1) - w + 1});
  for (int64_t i = 0; i < y.shape().dim(0); ++i) {
    for (int64_t j = 0; j < y.shape().dim(1); ++j) {
      y(i, j) = reduce(Slice(x, {{i, i + h}, {j, j + w}}));
    }
  }
  return y;
}

void Main() {
  // By hand.
  const Tensor x = Iota({3, 3});
  std::cout << "x\n" << x << "\n\n";
  std::cout << "Maximum of 2x2, stride 1\n" << Pool2d(x, 2, 2, Max) << "\n\n";
  std::cout << "Average of 2x2, stride 1\n" << Pool2d(x, 2, 2, Mean) << "\n\n";

  // By the operator. The stride is the window's size unless it is given:
  // windows touch and do not overlap.
  const Tensor z = ToImage(Iota({4, 4}));
  Print("z", z);
  Print("Maximum of 3x3", MaxPool2d(z, {3, 3}).value());
  Print("Maximum of 3x3, padding 1, stride 2",
        MaxPool2d(z, {3, 3}, {.stride = {2, 2}, .padding = {1, 1}}).value());
  Print("Maximum of 2x3, padding (0, 1), stride (2, 3)",
        MaxPool2d(z, {2, 3}, {.stride = {2, 3}, .padding = {0, 1}}).value());

  // Each channel is pooled for itself: there are as many after as before. The
  // second channel is z + 1.
  Tensor two({1, 4, 4, 2});
  SetSlice(two, {All(), All(), All(), {0, 1}}, z);
  SetSlice(two, {All(), All(), All(), {1, 2}}, z + 1);
  const Tensor pooled =
      MaxPool2d(two, {3, 3}, {.stride = {2, 2}, .padding = {1, 1}}).value();
  const Tensor second = Slice(pooled, {All(), All(), All(), {1, 2}});
  std::cout << "Two channels, z and z + 1: the output is " << pooled.shape()
            << ", its second channel\n"
            << ToMatrix(second) << "\n\n";

  // An average is a sum of products: a convolution with a kernel of 1/4.
  const Tensor quarters = ToImage(Tensor::Of({2, 2}, {.25, .25, .25, .25}));
  const Tensor average = AvgPool2d(z, {2, 2}).value();
  const Tensor convolved = Conv2d(z, quarters, {.stride = {2, 2}}).value();
  std::cout << "Average pooling is a convolution: "
            << (AllClose(average, convolved).ok() ? "equal" : "different")
            << "\n\n";

  // A maximum is none. The kernel that picks the lower right corner makes the
  // maximum of z, but not of another image.
  const Tensor corner = ToImage(Tensor::Of({2, 2}, {0, 0, 0, 1}));
  const Tensor falling = ToImage(Tensor::Of({2, 2}, {9, 8, 7, 6}));
  Print("Maximum of 2x2", MaxPool2d(z, {2, 2}).value());
  Print("Lower right corners of 2x2",
        Conv2d(z, corner, {.stride = {2, 2}}).value());
  Print("Maximum of 9, 8, 7, 6", MaxPool2d(falling, {2, 2}).value());
  Print("Its lower right corner", Conv2d(falling, corner).value());

  // The smallest number is minus the largest of -z.
  Print("Minimum of 2x2", MinPool2d(z, {2, 2}).value());
  Print("Minus the maximum of -z", -MaxPool2d(-z, {2, 2}).value());

  // Between the mean and the maximum: a mean in which large numbers weigh more,
  // exp(number / temperature).
  for (double temperature : {1e6, 1.0, 0.01}) {
    std::cout << "Softmax of 2x2, temperature " << temperature << "\n"
              << ToMatrix(SoftmaxPool2d(z, {2, 2}, {.temperature = temperature})
                              .value())
              << "\n\n";
  }

  // What it costs: an addition or comparison for each number of each window.
  PoolCostInput cost = {.channels = 3,
                        .size = {8, 8},
                        .kernel = {2, 2},
                        .padding = {2, 2},
                        .stride = {2, 2}};
  std::cout << "3 channels of 8x8, windows of 2x2, stride 2\n"
            << "padding 2 on each side: " << PoolOperations(cost).value()
            << " operations\n";
  cost.convention = PaddingConvention::kTotal;
  std::cout << "padding 2 in all:       " << PoolOperations(cost).value()
            << " operations\n";
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
