// Elementwise operators of inputs whose sizes differ: an input of size 1 along
// an axis is repeated along it, as in NumPy. Inputs have the same number of
// axes.
//
//   [H, W, C] and [1, 1, C]: a number for each channel
//   [H, W, C] and [H, W, 1]: a number for each position

#ifndef LENSLET_OPS_BROADCAST_H_
#define LENSLET_OPS_BROADCAST_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The shape of one output image, for input images of these shapes. Errors:
// InvalidArgument for other than the same number of axes, and for sizes of an
// axis that differ and are not 1, naming the input and the shapes; for fewer
// than two inputs; for an output without elements, as `operation` of images.
absl::StatusOr<Shape> BroadcastShape(absl::string_view operation,
                                     absl::Span<const Shape> images);

// Whether an input is repeated along an axis before the last.
bool RepeatsPositions(absl::Span<const Shape> images);

// How to walk over the inputs of an operator and its output together. Axes that
// all inputs treat alike are one.
class BroadcastPlan {
 public:
  BroadcastPlan() = default;
  // `images` must have a BroadcastShape().
  explicit BroadcastPlan(absl::Span<const Shape> images);

  // Whether all inputs have the output's shape.
  bool is_trivial() const { return is_trivial_; }
  // Whether the input is repeated along an axis.
  bool Repeats(int input) const { return elements_[input] != output_elements_; }
  // Whether one element of the input meets a whole row of the output.
  bool RepeatsInRow(int input) const { return strides_[input].back() == 0; }

  // The elements of a row of the output.
  int64_t row() const { return sizes_.back(); }
  int64_t elements(int input) const { return elements_[input]; }
  int64_t output_elements() const { return output_elements_; }

  // Calls body(output, index) for each row of the output, in order. `output` is
  // the index of its first element; pass `index` to OffsetOf().
  using Index = std::array<int64_t, Shape::kMaxRank>;
  template <typename Body>
  void ForEachRow(Body body) const {
    const int last = static_cast<int>(sizes_.size()) - 1;
    Index index = {};
    for (int64_t output = 0; output < output_elements_; output += row()) {
      body(output, index);
      for (int axis = last - 1; axis >= 0 && ++index[axis] == sizes_[axis];
           --axis) {
        index[axis] = 0;
      }
    }
  }

  // The index of the input's first element that meets the row.
  int64_t OffsetOf(int input, const Index& index) const {
    int64_t offset = 0;
    for (size_t axis = 0; axis + 1 < sizes_.size(); ++axis) {
      offset += index[axis] * strides_[input][axis];
    }
    return offset;
  }

 private:
  bool is_trivial_ = true;
  std::vector<int64_t> sizes_ = {1};  // Of the output, outermost first.
  // For each input, the distance of elements along each axis: 0 where it is
  // repeated.
  std::vector<std::vector<int64_t>> strides_;
  std::vector<int64_t> elements_;
  int64_t output_elements_ = 1;
};

// A row of an input, for kernels whose elements are `unit` floats: 1 for images
// one after the other, kLanes for images in lanes. Calls body(i, j) for each
// float i of a row of `size` elements of the output and the float j of the
// input that meets it.
template <typename Body>
inline void ForEachInRow(bool repeats, int64_t size, int64_t unit, Body body) {
  if (!repeats) {
    for (int64_t i = 0; i < size * unit; ++i) body(i, i);
    return;
  }
  for (int64_t element = 0; element < size; ++element) {
    for (int64_t j = 0; j < unit; ++j) body(element * unit + j, j);
  }
}

}  // namespace lenslet

#endif  // LENSLET_OPS_BROADCAST_H_
