// Convolutions for images: the operation by hand, as an operator, and as a
// layer.

#include <cstdint>
#include <iostream>
#include <memory>

#include "lenslet/examples/matrix.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/rearrange.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Places the kernel at each position of x where it fits, multiplies the numbers
// that lie on top of each other, and adds up the products: the
// cross-correlation of x and k.
Tensor Corr2d(const Tensor& x, const Tensor& k) {
  const int64_t h = k.shape().dim(0), w = k.shape().dim(1);
  Tensor y({x.shape().dim(0) - h + 1, x.shape().dim(1) - w + 1});
  for (int64_t i = 0; i < y.shape().dim(0); ++i) {
    for (int64_t j = 0; j < y.shape().dim(1); ++j) {
      y(i, j) = Sum(Slice(x, {{i, i + h}, {j, j + w}}) * k);
    }
  }
  return y;
}

void Main() {
  const Tensor x = Iota({3, 3});
  const Tensor k = Iota({2, 2});
  std::cout << "x\n" << x << "\nk\n" << k << "\n\n";

  // The first number is 0*0 + 1*1 + 3*2 + 4*3 = 19.
  std::cout << "Cross-correlation by hand\n" << Corr2d(x, k) << "\n\n";

  // The operator computes the same for many images, channels and filters at
  // once: images are [N, H, W, Cin], filters [Cout, Kh, Kw, Cin].
  const Tensor y = Conv2d(ToImage(x), ToImage(k)).value();
  std::cout << "The operator's output, of shape " << y.shape() << "\n"
            << ToMatrix(y) << "\n\n";

  // Mathematicians flip the kernel first and call only that a convolution. A
  // network that learns its kernels learns them flipped or not.
  std::cout << "Strict convolution by hand\n"
            << Corr2d(x, Flipped(k)) << "\n\n";
  std::cout << "and by the operator\n"
            << ToMatrix(Conv2d(ToImage(x), ToImage(k), {.flip = true}).value())
            << "\n\n";

  // A layer has its kernel, and a bias for each output channel, as parameters.
  GraphBuilder builder;
  builder.AddInput("image", {3, 3, 1});
  builder.AddLayer(
      "conv",
      layers::Conv2d({.output_channels = 1, .window = {.kernel = {2, 2}}}),
      {"image"});
  const Graph graph = builder.Build().value();
  Parameters parameters = Parameters::Create(graph).value();
  for (int i = 0; i < parameters.size(); ++i) {
    std::cout << "parameter " << parameters.info(i).name << " of shape "
              << parameters.view(i).shape() << "\n";
  }
  for (int i = 0; i < 4; ++i) parameters.view(0)[i] = k.data()[i];
  parameters.view(1)[0] = 100;

  // An executor runs a network of layers, here on blocks of one image.
  const std::unique_ptr<Executor> executor =
      Executor::Create(graph, parameters,
                       {.backend = Backend::kReference, .images = 1})
          .value();
  for (int i = 0; i < 9; ++i) executor->input()[i] = x.data()[i];
  executor->Forward(1);
  std::cout << "The layer's output, with a bias of 100\n"
            << ToString(executor->output().Reshape({2, 2})) << "\n";
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
