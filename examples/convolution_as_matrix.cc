// Convolution as a product of matrices, in two ways.

#include <iostream>

#include "lenslet/examples/matrix.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_matrix.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/rearrange.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void Main() {
  // A 2x2 kernel over a 3x3 image of one channel, without a bias.
  const ConvSpec spec = {.input_channels = 1,
                         .output_channels = 1,
                         .window = {.kernel = {2, 2}},
                         .has_bias = false};
  const Tensor x = Iota({3, 3});
  const Tensor k = Iota({2, 2});
  const Tensor convolved = Conv2d(ToImage(x), ToImage(k)).value();

  // A matrix of the image: in each row, what the kernel covers at one place.
  // Times the kernel as a column, that is the output.
  const Tensor places = Im2col(spec, Reshaped(x, {3, 3, 1})).value();
  std::cout << "The four places of a 2x2 kernel on x\n" << places << "\n";
  const Tensor by_image = Linear(places, Reshaped(k, {1, 4})).value();
  std::cout << "times k, as a matrix again\n"
            << Reshaped(by_image, {2, 2}) << "\n\n";

  // A matrix of the kernel: each row is the kernel laid on one place, and zero
  // elsewhere. Here for a kernel of ones.
  std::cout << "A 2x2 kernel of ones as a matrix\n"
            << ToeplitzMatrix(spec, Ones({1, 2, 2, 1}), {3, 3, 1}).value()
            << "\n";

  // Times the image as a column, that is the output, too.
  const Tensor t = ToeplitzMatrix(spec, ToImage(k), {3, 3, 1}).value();
  const Tensor by_kernel = Linear(Reshaped(x, {1, 9}), t).value();
  std::cout << "k as a matrix, times x\n"
            << Reshaped(by_kernel, {2, 2}) << "\n\n";

  const bool equal =
      AllClose(Reshaped(by_image, convolved.shape()), convolved).ok() &&
      AllClose(Reshaped(by_kernel, convolved.shape()), convolved).ok();
  std::cout << "Both are the convolution: " << (equal ? "yes" : "no") << "\n";
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
