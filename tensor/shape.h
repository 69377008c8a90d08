// The sizes of an array along its dimensions, outermost first. The shape [2,
// 28, 28, 1] is 2 images of 28 rows, 28 columns and 1 channel. The last
// dimension is contiguous in memory.

#ifndef LENSLET_TENSOR_SHAPE_H_
#define LENSLET_TENSOR_SHAPE_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace lenslet {

// A value type: cheap to copy, without heap memory. Its element count fits in
// an int64_t.
class Shape {
 public:
  static constexpr int kMaxRank = 6;

  // A scalar: rank 0, one element.
  Shape() = default;

  // For shapes written in code. Aborts where Create() returns an error.
  Shape(std::initializer_list<int64_t> dims);

  // Errors: InvalidArgument for more than kMaxRank dimensions, a negative
  // dimension, or more than 2^63 - 1 elements, counting zero dimensions as 1.
  static absl::StatusOr<Shape> Create(absl::Span<const int64_t> dims);

  int rank() const { return rank_; }
  // `axis` in [0, rank()).
  int64_t dim(int axis) const { return dims_[axis]; }
  absl::Span<const int64_t> dims() const {
    return absl::MakeConstSpan(dims_.data(), rank_);
  }
  // The product of the dimensions.
  int64_t elements() const { return elements_; }

  // The number of elements in one entry of the first dimension: the product of
  // the other dimensions. rank() >= 1.
  int64_t inner_elements() const;

  // Returns this shape with `outer` inserted before its first dimension: the
  // shape of `outer` such arrays. Errors: as Create().
  absl::StatusOr<Shape> WithOuter(int64_t outer) const;

  // "[2, 28, 28, 1]"
  std::string ToString() const;

  friend bool operator==(const Shape& a, const Shape& b) {
    return a.dims() == b.dims();
  }
  friend bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }
  friend std::ostream& operator<<(std::ostream& os, const Shape& shape) {
    return os << shape.ToString();
  }

 private:
  int rank_ = 0;
  int64_t elements_ = 1;
  std::array<int64_t, kMaxRank> dims_ = {};
};

}  // namespace lenslet

#endif  // LENSLET_TENSOR_SHAPE_H_
