// What happens when an image moves: convolution follows, pooling hides small
// moves, and a network loses accuracy all the same.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "lenslet/base/random.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/lenslet.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Moves a matrix right by `columns`, left if that is negative; zeros come in.
Tensor Shifted(const Tensor& matrix, int64_t columns) {
  const int64_t kept = matrix.shape().dim(1) - std::abs(columns);
  const int64_t to = std::max<int64_t>(0, columns);
  const int64_t from = std::max<int64_t>(0, -columns);
  Tensor shifted(matrix.shape());
  SetSlice(shifted, {All(), {to, to + kept}},
           Slice(matrix, {All(), {from, from + kept}}));
  return shifted;
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
  const bool same = AllClose(Slice(shifted_first, {All(), {2}}),
                             Slice(shifted_last, {All(), {2}}))
                        .ok();
  std::cout << "To shift and convolve is to convolve and shift: "
            << (same ? "yes" : "no") << "\n\n";
}

// One row with a black-to-white edge before a column, and what edge detection
// and pooling make of it.
void PrintPooledEdge(int64_t edge) {
  Tensor row({1, 9});
  SetSlice(row, {All(), {edge}}, 1);
  const Tensor detector = Tensor::Of({1, 2}, {-1, 1});
  const Tensor edges = Conv2d(ToImage(row), ToImage(detector)).value();
  const Tensor pooled = MaxPool2d(edges, {1, 2}).value();
  std::cout << "  edge before column " << edge << ": " << ToMatrix(edges)
            << " -> " << ToMatrix(pooled) << "\n";
}

// All images moved right and down, up or left if negative; black comes in.
Dataset Shifted(const Dataset& dataset, int64_t rows, int64_t columns) {
  const int64_t height = dataset.example_shape().dim(0) - std::abs(rows);
  const int64_t width = dataset.example_shape().dim(1) - std::abs(columns);
  const int64_t h = std::max<int64_t>(0, rows);
  const int64_t w = std::max<int64_t>(0, columns);
  const Tensor images = dataset.Inputs().value();
  const std::vector<int32_t> labels = dataset.Classes().value();
  ExampleArrays shifted = {
      .inputs = Tensor(images.shape(), ElementType::kUint8),
      .targets = Tensor({dataset.size()}, ElementType::kUint8)};
  SetSlice(shifted.inputs, {All(), {h, h + height}, {w, w + width}},
           Slice(images, {All(),
                          {h - rows, h - rows + height},
                          {w - columns, w - columns + width}}));
  std::copy(labels.begin(), labels.end(), shifted.targets.data<uint8_t>());
  return MakeDataset(std::move(shifted), dataset.target_names).value();
}

void Main() {
  CompareConvolutions();

  // A window of two columns gives the same wherever in it the edge is.
  std::cout << "Edges, and their maximum over two columns\n";
  for (int64_t edge : {3, 4, 5}) PrintPooledEdge(edge);

  // LeNet has both, and a multilayer perceptron neither.
  const TrainAndTest data = FashionMnist().value();
  Network lenet = Network::FromModel("lenet_relu").value();
  Network mlp = Network::FromModel("mlp").value();
  Train(lenet, data.train, {.epochs = 3, .batch_size = 64}).value();
  Train(mlp, data.train, {.epochs = 3, .batch_size = 64}).value();
  std::printf("\nTest accuracy with images moved to the right, or down\n");
  std::printf("%6s  %14s  %14s\n", "", "LeNet", "perceptron");
  std::printf("%6s  %6s  %6s  %6s  %6s\n", "pixels", "right", "down", "right",
              "down");
  for (int64_t shift = -4; shift <= 4; ++shift) {
    const Dataset right = Shifted(data.test, 0, shift);
    const Dataset down = Shifted(data.test, shift, 0);
    std::printf("%6d  %6.2f  %6.2f  %6.2f  %6.2f\n", static_cast<int>(shift),
                Evaluate(lenet, right).value().accuracy,
                Evaluate(lenet, down).value().accuracy,
                Evaluate(mlp, right).value().accuracy,
                Evaluate(mlp, down).value().accuracy);
  }
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
