// Padding: surrounds an image with zeros or with copies of its values.
//
//   y[o, c] = x[source(o - padding.before), c],   or 0
//
// where o runs over 1 to 3 spatial dimensions. source() works axis by axis
// (ops/padding_mode.h). Inside the image it is the position itself. Outside,
// there is no source and y is 0 (zero); it is the position mirrored at the
// image's edge, without repeating the edge (reflect); or it is the nearest
// position (replicate). Shapes, for two dimensions:
//   x   [N, H, W, C]
//   y   [N, before + H + after, before + W + after, C]
// The gradient with respect to an element of x is the sum of the gradients with
// respect to its copies. Source: numpy.pad with the modes "constant", "reflect"
// and "edge".

#ifndef LENSLET_OPS_PAD_PAD_H_
#define LENSLET_OPS_PAD_PAD_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct PadSpec {
  PaddingMode mode = PaddingMode::kZero;
  // On each side, one number for each of the image's spatial dimensions. Empty:
  // 0. For kReflect, less than the image's size.
  Padding padding = {};
};

// A spec resolved for its input. Always has three spatial dimensions; outer
// ones may have size 1.
struct PadGeometry {
  PaddingMode mode;
  Padding padding;
  Axes input;
  Axes output;
  int64_t channels;
};

// `image` is the shape of one image: [H, W, C] in two dimensions. Errors:
// InvalidArgument, naming the field and the values, for an image without
// channels or without 1 to 3 spatial dimensions, and for padding out of range
// or with another number of dimensions.
absl::StatusOr<PadGeometry> Resolve(const PadSpec& spec, const Shape& image);

// The shape of one output image. Errors: as Resolve(), and InvalidArgument if
// the element count overflows.
absl::StatusOr<Shape> OutputShape(const PadSpec& spec, const Shape& image);

// For one image: padding only copies, without arithmetic. Errors: as
// OutputShape().
absl::StatusOr<Cost> ComputeCost(const PadSpec& spec, const Shape& image);

// Pads x [N, H, W, C], or x with another number of spatial dimensions, 1 to 3.
// For one-off use: each call creates and discards a kernel. Errors:
// InvalidArgument, naming the argument and its values; ResourceExhausted.
absl::StatusOr<Tensor> Pad(const Tensor& x, const Padding& padding,
                           PaddingMode mode = PaddingMode::kZero,
                           Backend backend = Backend::kReference);

// For blocks of up to `images` images of shape `image`. One input, no
// parameters. Errors: as OutputShape(), and Unimplemented for what the backend
// lacks.
absl::StatusOr<std::unique_ptr<Kernel>> MakePadKernel(Backend backend,
                                                      const PadSpec& spec,
                                                      const Shape& image,
                                                      int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_PAD_H_
