// Pooling: one number for each window of each channel.
//
//   maximum   y[o, c] = max over taps t of x[position(o, t), c]
//   average   y[o, c] = (sum over taps t of x[position(o, t), c]) / n
//   position(o, t) = o * stride - padding.before + t * dilation
//
// Taps on padding are left out of a maximum. An average adds zeros for them,
// and n counts them (count_padding) or not. Shapes, for two dimensions:
//   x   [N, H, W, C]
//   y   [N, H', W', C]
// The gradient of a maximum goes to its first largest tap, in row-major order.
// What a NaN does to a maximum differs between backends. Source: "Dive into
// Deep Learning", section "Pooling".

#ifndef LENSLET_OPS_POOL_POOL_SPEC_H_
#define LENSLET_OPS_POOL_POOL_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ops/axes.h"
#include "ops/cost.h"
#include "ops/window.h"
#include "tensor/shape.h"

namespace lenslet {

enum class PoolKind : uint8_t { kMax, kAverage };

struct PoolSpec {
  PoolKind kind = PoolKind::kMax;
  // An empty stride is the kernel: windows that touch and do not overlap. No
  // window may lie on padding alone, so the padding of each side is smaller
  // than the window and, where there is padding, the dilation at most the
  // input.
  Window window;
  // Whether an average divides by the kernel's size at borders too.
  bool count_padding = true;
};

// A spec that has met its input; always in three spatial dimensions, of which
// the outer ones may have size 1.
struct PoolGeometry {
  PoolKind kind;
  Window window;
  bool count_padding;
  Axes input;
  Axes output;
  int64_t channels;
};

// `image` is the shape of one image: [H, W, C] in two dimensions. Errors:
// InvalidArgument, naming the field and the values, for a number out of its
// range, an image of other dimensions, or a window larger than the padded
// image.
absl::StatusOr<PoolGeometry> Resolve(const PoolSpec& spec, const Shape& image);

// The shape of one output image. Errors: as Resolve().
absl::StatusOr<Shape> OutputShape(const PoolSpec& spec, const Shape& image);

// For one image: one addition or comparison for each tap. Errors: as Resolve().
absl::StatusOr<Cost> ComputeCost(const PoolSpec& spec, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_SPEC_H_
