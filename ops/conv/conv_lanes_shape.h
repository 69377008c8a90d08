// Sizes shared by the parts of a convolution in lanes.

#ifndef LENSLET_OPS_CONV_CONV_LANES_SHAPE_H_
#define LENSLET_OPS_CONV_CONV_LANES_SHAPE_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The offset of row (d, h) in an array [D, H, W], in positions.
inline int64_t RowOffset(const Axes& size, int64_t d, int64_t h) {
  return (d * size[1] + h) * size[2];
}

// Errors: ResourceExhausted.
inline absl::StatusOr<Tensor> MakeFloats(int64_t floats) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({floats}));
  return Tensor::Create(ElementType::kFloat32, shape);
}

struct ConvLanesShape {
  explicit ConvLanesShape(const ConvGeometry& geometry)
      : g(geometry),
        padded(PaddedInput(geometry)),
        taps(Volume(geometry.window.kernel)),
        runs_per_row(g.window.dilation[2] == 1 ? 1 : g.window.kernel[2]),
        run_vectors(g.window.kernel[2] / runs_per_row * g.input_channels),
        x_position(g.input_channels * kLanes),
        y_position(g.output_channels * kLanes) {}

  // The number of elements in the filter.
  int64_t FilterSize() const {
    return g.output_channels * taps * g.input_channels;
  }

  // Floats in a row of outputs.
  int64_t RowFloats() const { return g.output[2] * y_position; }

  // Whether row i of the padded input, along an axis, belongs to the input.
  bool IsInput(int axis, int64_t i) const {
    const int64_t inside = i - g.window.padding.before[axis];
    return inside >= 0 && inside < g.input[axis];
  }

  ConvGeometry g;
  Axes padded;  // The size of the padded input.
  int64_t taps;
  // A run is a sequence of contiguous vectors that a sum reads at once. If the
  // vectors that a filter row reads at a position are contiguous, they form one
  // run; else each tap's vectors form one.
  int64_t runs_per_row;
  int64_t run_vectors;
  // Floats in a position.
  int64_t x_position;
  int64_t y_position;
};

// Copies a group's input to the inside of the padded input at `padded`.
inline void CopyIntoPadding(const ConvLanesShape& s, const float* input,
                            float* padded) {
  const Axes& before = s.g.window.padding.before;
  const int64_t row = s.g.input[2] * s.x_position;
  for (int64_t d = 0; d < s.g.input[0]; ++d) {
    for (int64_t h = 0; h < s.g.input[1]; ++h) {
      const int64_t position =
          RowOffset(s.padded, d + before[0], h + before[1]) + before[2];
      std::copy_n(input, row, padded + position * s.x_position);
      input += row;
    }
  }
}

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_SHAPE_H_
