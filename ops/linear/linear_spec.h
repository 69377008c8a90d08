// The linear (fully connected, dense) operator.
//
//   y[n, o] = bias[o] + sum over i of x[n, i] * w[o, i]
//
// Shapes:
//   x      [N, ..., input_features]
//   w      [output_features, input_features]
//   bias   [output_features]
//   y      [N, ..., output_features]
// Dimensions between the first and the last are more rows of the same matrix: a
// linear operator on [N, H, W, C] is a 1x1 convolution. Source: "Dive into Deep
// Learning", section "From fully connected layers to convolutions".

#ifndef LENSLET_OPS_LINEAR_LINEAR_SPEC_H_
#define LENSLET_OPS_LINEAR_LINEAR_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/cost.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct LinearSpec {
  int64_t input_features = 0;   // At least 1.
  int64_t output_features = 0;  // At least 1.
  bool has_bias = true;
};

// The shape of one output image; `image`, the shape of one input image, ends in
// input_features. Errors: InvalidArgument, naming the field and the values.
absl::StatusOr<Shape> OutputShape(const LinearSpec& spec, const Shape& image);

// The shape of w. Errors: InvalidArgument.
absl::StatusOr<Shape> WeightShape(const LinearSpec& spec);

// For one image. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const LinearSpec& spec, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_LINEAR_SPEC_H_
