#include "lenslet/tests/chapter/matrix.h"

#include <algorithm>
#include <vector>

#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {

Tensor Matrix(Rows rows) {
  const int64_t height = rows.size();
  const int64_t width = rows.begin()->size();
  Tensor matrix({1, height, width, 1});
  float* to = matrix.data();
  for (const auto& row : rows) {
    LENSLET_CHECK(static_cast<int64_t>(row.size()) == width);
    to = std::copy(row.begin(), row.end(), to);
  }
  return matrix;
}

Tensor X3() { return Matrix({{0, 1, 2}, {3, 4, 5}, {6, 7, 8}}); }

Tensor K2() { return Matrix({{0, 1}, {2, 3}}); }

Tensor RandomTensor(const Shape& shape, uint64_t seed) {
  Tensor tensor(shape);
  Random random(seed);
  FillUniform(-1, 1, random, tensor.span());
  return tensor;
}

Tensor Channel(const Tensor& x, int64_t channel) {
  const Shape& shape = x.shape();
  const int64_t channels = shape.dim(shape.rank() - 1);
  std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  dims.back() = 1;
  Tensor result(*Shape::Create(dims));
  for (int64_t i = 0; i < result.shape().elements(); ++i) {
    result.span()[i] = x.span()[i * channels + channel];
  }
  return result;
}

::testing::AssertionResult Equals(const absl::StatusOr<Tensor>& actual,
                                  const Tensor& expected, Tolerance tolerance) {
  if (!actual.ok()) return ::testing::AssertionFailure() << actual.status();
  const absl::Status status = AllClose(*actual, expected, tolerance);
  if (!status.ok()) return ::testing::AssertionFailure() << status;
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult Equals(const absl::StatusOr<Tensor>& actual,
                                  Rows rows, Tolerance tolerance) {
  return Equals(actual, Matrix(rows), tolerance);
}

}  // namespace lenslet
