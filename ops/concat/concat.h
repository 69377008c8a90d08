// Concatenation of inputs along one axis.
//
//   x[i]   [..., a_i, ...], n >= 2 inputs, with equal sizes except a_i
//   y      [..., a_0 + ... + a_(n - 1), ...]
//   y[p, s_i + j, q] = x[i][p, j, q]
//   dx[i][p, j, q] = dy[p, s_i + j, q]
//
// where s_i = a_0 + ... + a_(i - 1), and p and q are the positions along the
// axes before and after the concatenated one.
//
// Source for concatenation of channels, the last axis: Szegedy et al., "Going
// deeper with convolutions", arXiv:1409.4842.

#ifndef LENSLET_OPS_CONCAT_CONCAT_H_
#define LENSLET_OPS_CONCAT_CONCAT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct ConcatSpec {
  // The axis of an image, from 0. In [height, width, channels], 0 stacks images
  // vertically. Default: the last axis.
  std::optional<int64_t> axis = {};
};

// The shape of one output image, for input images of these shapes. Errors:
// InvalidArgument for fewer than two inputs, an axis out of range, or sizes
// that differ or are zero, naming the input and the shapes.
absl::StatusOr<Shape> OutputShape(const ConcatSpec& spec,
                                  absl::Span<const Shape> images);

// For one image: reads and writes each element once, without arithmetic.
// Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const ConcatSpec& spec,
                                 absl::Span<const Shape> images);

// For the kernels: y consists of `rows` rows. Each row holds a piece of each
// input, one after the other.
struct ConcatGeometry {
  int64_t rows = 1;             // The product of the sizes before the axis.
  std::vector<int64_t> pieces;  // Each input's elements in a row.
  int64_t row = 0;              // The sum of `pieces`.
};

// Errors: as OutputShape().
absl::StatusOr<ConcatGeometry> Resolve(const ConcatSpec& spec,
                                       absl::Span<const Shape> images);

// Concatenates tensors [N, ...] image by image: spec.axis is an axis of an
// image, not of a tensor. For one-off use: each call creates and discards a
// kernel. Errors: InvalidArgument, naming the input; ResourceExhausted.
absl::StatusOr<Tensor> Concat(absl::Span<const Tensor* const> inputs,
                              const ConcatSpec& spec = {},
                              Backend backend = Backend::kReference);

// For blocks of images of these shapes, one for each input. No parameters.
// Errors: as OutputShape().
absl::StatusOr<std::unique_ptr<Kernel>> MakeConcatKernel(
    Backend backend, const ConcatSpec& spec, absl::Span<const Shape> images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONCAT_CONCAT_H_
