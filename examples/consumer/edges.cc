// Finds the vertical edges of an image: one operator, used on its own.

#include <iostream>

#include "base/check.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/tensor.h"

int main() {
  // Ones, with a black stripe in columns 2 to 5.
  const lenslet::Tensor x =
      lenslet::Tensor::Of({1, 2, 8, 1},  //
                          {1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1});
  const lenslet::Tensor filter = lenslet::Tensor::Of({1, 1, 2, 1}, {1, -1});
  const absl::StatusOr<lenslet::Tensor> y = lenslet::Conv2d(x, filter);
  if (!y.ok()) {
    std::cerr << y.status() << "\n";
    return 1;
  }
  Check(y->shape() == lenslet::Shape({1, 2, 7, 1}));
  std::cout << lenslet::ToString(y->view().Reshape({2, 7})) << "\n";
}
