// Receptive fields: the part of a network's input that an output position
// depends on.
//
// Along each axis, output position o depends on the input's positions
//   start + o * jump  to  start + o * jump + size - 1,
// some of which may lie on padding. A window of extent e (taps and dilation),
// stride s and padding p before the input turns these into
//   size' = size + (e - 1) * jump
//   start' = start - p * jump
//   jump' = jump * s
// Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep
// learning", 2016; Araujo, Norris and Sim, "Computing receptive fields of
// convolutional neural networks", 2019.

#ifndef LENSLET_OPS_RECEPTIVE_FIELD_H_
#define LENSLET_OPS_RECEPTIVE_FIELD_H_

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/window.h"

namespace lenslet {

// Each has one number for each spatial dimension.
struct ReceptiveField {
  Axes size;   // Input positions, at least 1.
  Axes jump;   // Input positions from one output position to the next.
  Axes start;  // The first input position of output position 0.

  friend bool operator==(const ReceptiveField& a,
                         const ReceptiveField& b) = default;
};

// The field of the input itself: each position depends only on itself.
ReceptiveField InputField(int rank);

// The field of a window's output, if the window's input has `field`. The window
// is resolved. Errors: InvalidArgument if the numbers of dimensions differ, and
// for results above 2^62.
absl::StatusOr<ReceptiveField> Through(const Window& window,
                                       const ReceptiveField& field);

// The smallest field that contains both, for networks whose branches join.
// Errors: InvalidArgument for different jumps or dimensions.
absl::StatusOr<ReceptiveField> Union(const ReceptiveField& a,
                                     const ReceptiveField& b);

}  // namespace lenslet

#endif  // LENSLET_OPS_RECEPTIVE_FIELD_H_
