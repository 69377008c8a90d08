// Layer normalization: normalizes each image, or each of its positions, to mean
// 0 and variance 1, then applies a learned scale and bias.
//
//   y[n, r, f] = scale[f] * z + bias[f]
//            z = (x[n, r, f] - mean[n, r]) / sqrt(variance[n, r] + epsilon)
//
// The features f are the numbers of an image's last axes, from `axis` on; the
// rows r those of the axes before. Mean and variance are those of a row's
// features; the variance is the mean squared difference from the mean. By
// default, the features are the channels. With axis 0, they are all numbers of
// an image.
//
// Shapes:
//   x, y           [N, ...]
//   scale, bias    the image's sizes from `axis` on
//
// Backward, with g = scale * dy and averages over a row's features:
//
//   dscale = sum of dy * z
//   dbias  = sum of dy
//   dx     = (g - average of g - z * average of g * z)
//            / sqrt(variance + epsilon)
//
// Source: Ba, Kiros and Hinton, "Layer normalization", arXiv:1607.06450.

#ifndef LENSLET_OPS_LAYER_NORM_LAYER_NORM_H_
#define LENSLET_OPS_LAYER_NORM_LAYER_NORM_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct LayerNormSpec {
  // The first axis of an image that is normalized, counted from 0. Absent: the
  // last.
  std::optional<int64_t> axis = {};
  double epsilon = 1e-5;  // Above 0.
};

// The shape of scale and bias, for images of this shape. Errors:
// InvalidArgument for an axis or an epsilon out of range, and for an image
// without axes or elements.
absl::StatusOr<Shape> FeatureShape(const LayerNormSpec& spec,
                                   const Shape& image);

// Returns `image`. Errors: as FeatureShape().
absl::StatusOr<Shape> OutputShape(const LayerNormSpec& spec,
                                  const Shape& image);

// For one image: two additions and two products for each element of the mean
// and the variance, and the scale and bias. Errors: as FeatureShape().
absl::StatusOr<Cost> ComputeCost(const LayerNormSpec& spec, const Shape& image);

// Returns a tensor of x's shape, [N, ...]. For one-off use: each call creates
// and discards a kernel. Errors: InvalidArgument unless all hold floats and
// have the shapes above, and as FeatureShape(); Unimplemented for XNNPACK;
// ResourceExhausted.
absl::StatusOr<Tensor> LayerNorm(const Tensor& x, const Tensor& scale,
                                 const Tensor& bias,
                                 const LayerNormSpec& spec = {},
                                 Backend backend = Backend::kReference);

// For blocks of images of shape `image`. One input; parameters scale and bias.
// Errors: as FeatureShape(); Unimplemented for XNNPACK, which has no layer
// normalization.
absl::StatusOr<std::unique_ptr<Kernel>> MakeLayerNormKernel(
    Backend backend, const LayerNormSpec& spec, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_LAYER_NORM_LAYER_NORM_H_
