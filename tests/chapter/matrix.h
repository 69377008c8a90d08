// Matrices as they are written in the book, for its tests.

#ifndef LENSLET_TESTS_CHAPTER_MATRIX_H_
#define LENSLET_TESTS_CHAPTER_MATRIX_H_

#include <initializer_list>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tensor/all_close.h"
#include "tensor/tensor.h"

namespace lenslet {

using Rows = std::initializer_list<std::initializer_list<float>>;

// One image of one channel, or a bank of one filter: [1, rows, columns, 1].
Tensor Matrix(Rows rows);

// [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
Tensor X3();
// [[0, 1], [2, 3]]
Tensor K2();

// A matrix of numbers that follow no rule, in [-1, 1]; the same each time.
Tensor RandomTensor(const Shape& shape, uint64_t seed);

// One channel of the images in `x`, of shape [N, ..., 1].
Tensor Channel(const Tensor& x, int64_t channel);

// Whether `actual` has these rows, as an image of one channel.
::testing::AssertionResult Equals(const absl::StatusOr<Tensor>& actual,
                                  Rows rows, Tolerance tolerance = {});
::testing::AssertionResult Equals(const absl::StatusOr<Tensor>& actual,
                                  const Tensor& expected,
                                  Tolerance tolerance = {});

}  // namespace lenslet

#endif  // LENSLET_TESTS_CHAPTER_MATRIX_H_
