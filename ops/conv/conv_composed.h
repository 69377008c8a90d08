// Any convolution, made of a backend's plain ones: those of one group, with
// zeros as padding, and with a filter that is neither flipped nor one of a
// table of connections.
//
//   padding that holds copies   a padded copy of the input, and no padding
//   groups                      a plain convolution for each, on copies of its
//                               channels; or they are left to the backend, if
//                               it has them
//   flip, connections           a filter written from the parameter
//                               (conv_filter_parts.h)
//
// Gradients go the same way back. All of it works in the layout of the plain
// kernels.

#ifndef LENSLET_OPS_CONV_CONV_COMPOSED_H_
#define LENSLET_OPS_CONV_CONV_COMPOSED_H_

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// Makes a plain kernel, for the same number of images; only called before
// MakeConvComposedKernel() returns.
using MakePlainConv = absl::FunctionRef<absl::StatusOr<std::unique_ptr<Kernel>>(
    const ConvGeometry&)>;

// Whether a backend needs this for a convolution; `has_groups` says whether its
// plain kernels have the groups, too.
bool NeedsComposition(const ConvGeometry& geometry, bool has_groups);

// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: those of `make_plain`.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvComposedKernel(
    const ConvGeometry& geometry, int64_t images, bool has_groups,
    MakePlainConv make_plain);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_COMPOSED_H_
