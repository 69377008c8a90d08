// Edges of objects in images: kernels that find changes from one pixel to the
// next, and one that blurs them.

#include <cmath>
#include <cstdint>
#include <iostream>

#include "absl/strings/string_view.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/rearrange.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Two letters for each number: white is above 1/2, + and - are bright and
// dark edges, and smaller numbers are gray.
void Draw(absl::string_view title, const Tensor& matrix,
          absl::string_view one) {
  std::cout << title << ", " << matrix.shape() << "\n";
  for (int64_t row = 0; row < matrix.shape().dim(0); ++row) {
    std::cout << "  |";
    for (int64_t column = 0; column < matrix.shape().dim(1); ++column) {
      const float value = matrix(row, column);
      std::cout << (value > 0.5f    ? one
                    : value > 0.1f  ? "::"
                    : value < -0.5f ? "--"
                                    : "  ");
    }
    std::cout << "|\n";
  }
  std::cout << "\n";
}

Tensor Convolved(const Tensor& image, const Tensor& kernel) {
  return ToMatrix(Conv2d(ToImage(image), ToImage(kernel)).value());
}

// The first row: all others are the same.
void PrintRow(const Tensor& matrix) {
  std::cout << "each row " << Slice(matrix, {{0, 1}}) << "\n\n";
}

void Main() {
  // White, with a black stripe in columns 2 to 5. The kernel takes from each
  // pixel its right neighbor: zero where the two are equal, 1 from white to
  // black, -1 from black to white.
  Tensor image = Ones({6, 8});
  SetSlice(image, {All(), {2, 6}}, 0);
  const Tensor edges = Tensor::Of({1, 2}, {1, -1});
  const Tensor y = Convolved(image, edges);
  Draw("The image", image, "##");
  Draw("Vertical edges", y, "++");
  PrintRow(y);

  // The same stripe lying down has no vertical edges.
  const Tensor lying = Transposed(image);
  Draw("The image, transposed", lying, "##");
  Draw("Its vertical edges", Convolved(lying, edges), "++");
  Draw("Its horizontal edges", Convolved(lying, Transposed(edges)), "++");

  // The difference of differences, a second derivative: it answers on both
  // sides of an edge.
  const Tensor second = Tensor::Of({1, 3}, {1, -2, 1});
  Draw("Second derivative", Convolved(image, second), "++");
  PrintRow(Convolved(image, second));

  // Two kernels one after the other are one larger kernel.
  const Tensor twice = Convolved(Convolved(image, edges), edges);
  std::cout << "Differences taken twice are the same: "
            << (AllClose(twice, Convolved(image, second)).ok() ? "yes" : "no")
            << "\n\n";

  // A Gaussian of standard deviation 1: weights that fall with the distance
  // from the middle, made to add up to 1.
  Tensor gaussian({3, 3});
  for (int64_t a = -1; a <= 1; ++a) {
    for (int64_t b = -1; b <= 1; ++b) {
      gaussian(a + 1, b + 1) =
          std::exp(-0.5f * static_cast<float>(a * a + b * b));
    }
  }
  gaussian /= Sum(gaussian);
  std::cout << "Gaussian kernel\n" << gaussian << "\n\n";
  Draw("Blurred", Convolved(image, gaussian), "##");
  PrintRow(Convolved(image, gaussian));
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
