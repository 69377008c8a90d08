// Matrices in the notation of the book, for the tests of its examples.

#ifndef LENSLET_TESTS_CHAPTER_MATRIX_H_
#define LENSLET_TESTS_CHAPTER_MATRIX_H_

#include <cstdint>
#include <initializer_list>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

using Rows = std::initializer_list<std::initializer_list<float>>;

// One image of one channel, or a bank of one filter: [1, rows, columns, 1].
Tensor Matrix(Rows rows);

// [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
Tensor X3();
// [[0, 1], [2, 3]]
Tensor K2();

// Pseudo-random numbers in [-1, 1], determined by the seed.
Tensor RandomTensor(const Shape& shape, uint64_t seed);

// One channel of the images in x [N, ..., C], as [N, ..., 1].
Tensor Channel(const Tensor& x, int64_t channel);

// Succeeds if `actual` is not an error and equals, within the tolerance, an
// image of one channel with these rows, or `expected`.
::testing::AssertionResult Equals(const absl::StatusOr<Tensor>& actual,
                                  Rows rows, Tolerance tolerance = {});
::testing::AssertionResult Equals(const absl::StatusOr<Tensor>& actual,
                                  const Tensor& expected,
                                  Tolerance tolerance = {});

}  // namespace lenslet

#endif  // LENSLET_TESTS_CHAPTER_MATRIX_H_
