// What happens when an image moves: convolution follows, pooling hides small
// moves, and a network loses accuracy all the same.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "lenslet/base/random.h"
#include "lenslet/data/dataset.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/examples/training.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/lenet_relu.h"
#include "lenslet/models/mlp.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

// Moves a matrix right by `columns`, left if that is negative; zeros come in.
Tensor Shifted(const Tensor& matrix, int64_t columns) {
  const int64_t height = matrix.shape().dim(0);
  const int64_t width = matrix.shape().dim(1);
  Tensor shifted({height, width});
  for (int64_t h = 0; h < height; ++h) {
    for (int64_t w = 0; w < width; ++w) {
      const int64_t from = w - columns;
      if (from < 0 || from >= width) continue;
      shifted.view().at({h, w}) = matrix.view().at({h, from});
    }
  }
  return shifted;
}

// Whether columns [begin, end) of two matrices are the same.
bool SameColumns(const Tensor& a, const Tensor& b, int64_t begin, int64_t end) {
  for (int64_t h = 0; h < a.shape().dim(0); ++h) {
    for (int64_t w = begin; w < end; ++w) {
      if (a.view().at({h, w}) != b.view().at({h, w})) return false;
    }
  }
  return true;
}

void CompareConvolutions() {
  Random random(/*seed=*/0);
  Tensor x({8, 20});
  Tensor k({3, 3});
  FillNormal(0, 1, random, x.span());
  FillNormal(0, 1, random, k.span());
  const auto convolved = [&](const Tensor& matrix) {
    return ToMatrix(Conv2d(ToImage(matrix), ToImage(k)).value());
  };
  const Tensor shifted_first = convolved(Shifted(x, 2));
  const Tensor shifted_last = Shifted(convolved(x), 2);
  // Two columns came in on the left.
  const bool same =
      SameColumns(shifted_first, shifted_last, 2, x.shape().dim(1) - 2);
  std::cout << "To shift and convolve is to convolve and shift: "
            << (same ? "yes" : "no") << "\n\n";
}

// One row with a black-to-white edge before a column, and what edge detection
// and pooling make of it.
void PrintPooledEdge(int64_t edge) {
  Tensor row({1, 9});
  for (int64_t w = edge; w < 9; ++w) row.data()[w] = 1;
  const Tensor detector = Tensor::Of({1, 2}, {-1, 1});
  const Tensor edges = Conv2d(ToImage(row), ToImage(detector)).value();
  const Tensor pooled = MaxPool2d(edges, {1, 2}).value();
  std::cout << "  edge before column " << edge << ": " << ToMatrix(edges)
            << " -> " << ToMatrix(pooled) << "\n";
}

// All images moved right and down, up or left if negative; black comes in.
Dataset Shifted(const Dataset& dataset, int64_t rows, int64_t columns) {
  const int64_t size = dataset.size();
  const int64_t height = dataset.image_shape().dim(0);
  const int64_t width = dataset.image_shape().dim(1);
  Dataset shifted;
  shifted.images = Tensor(dataset.images.shape(), ElementType::kUint8);
  shifted.labels = dataset.labels.Clone();
  shifted.class_names = dataset.class_names;
  const View<const uint8_t> from = dataset.images.view<uint8_t>();
  const View<uint8_t> to = shifted.images.view<uint8_t>();
  const int64_t kept = width - std::abs(columns);
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t h = std::max<int64_t>(0, rows);
         h < std::min(height, height + rows); ++h) {
      std::memcpy(&to.at({i, h, std::max<int64_t>(0, columns), 0}),
                  &from.at({i, h - rows, std::max<int64_t>(0, -columns), 0}),
                  kept);
    }
  }
  return shifted;
}

void Main(const std::string& argv0) {
  CompareConvolutions();

  // A window of two columns gives the same wherever in it the edge is.
  std::cout << "Edges, and their maximum over two columns\n";
  for (int64_t edge : {3, 4, 5}) PrintPooledEdge(edge);

  // LeNet has both, and a multilayer perceptron neither.
  const FashionMnist data = LoadFashionMnist(argv0);
  const Graph lenet = LenetRelu().value();
  const Graph mlp = Mlp().value();
  const Parameters lenet_parameters = Train(lenet, data.train);
  const Parameters mlp_parameters = Train(mlp, data.train);
  std::printf("\nTest accuracy with images moved to the right, or down\n");
  std::printf("%6s  %14s  %14s\n", "", "LeNet", "perceptron");
  std::printf("%6s  %6s  %6s  %6s  %6s\n", "pixels", "right", "down", "right",
              "down");
  for (int64_t shift = -4; shift <= 4; ++shift) {
    const Dataset right = Shifted(data.test, 0, shift);
    const Dataset down = Shifted(data.test, shift, 0);
    std::printf("%6d  %6.2f  %6.2f  %6.2f  %6.2f\n", static_cast<int>(shift),
                Accuracy(lenet, lenet_parameters, right),
                Accuracy(lenet, lenet_parameters, down),
                Accuracy(mlp, mlp_parameters, right),
                Accuracy(mlp, mlp_parameters, down));
  }
}

}  // namespace
}  // namespace lenslet

int main(int, char** argv) { lenslet::Main(argv[0]); }
