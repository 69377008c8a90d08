// What a network is trained to output: classes, labels or values.

#ifndef LENSLET_OPS_LOSS_LOSS_TARGETS_H_
#define LENSLET_OPS_LOSS_LOSS_TARGETS_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace lenslet {

enum class TargetKind : uint8_t {
  // One of several classes. The output has a score for each class: [classes].
  // An output [d1, ..., dk, classes] has a class for each of d1 * ... * dk
  // positions, for example for each pixel.
  kClasses,
  // Any number of labels at once. Each number of the output is the score of a
  // label; its target is the label's probability, usually 0 or 1.
  kLabels,
  // A value for each number of the output.
  kValues,
};

// "classes", "labels", "values"
absl::string_view Name(TargetKind kind);

// The targets of a block's images. One of these is set: `classes` for
// TargetKind::kClasses, `values` for the other kinds.
struct LossTargets {
  // [images, positions], image by image in both memory layouts. In [0,
  // classes).
  const int32_t* classes = nullptr;
  // As many numbers as the output has, in the output's memory layout. In lanes,
  // the numbers of missing images have no effect.
  const float* values = nullptr;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_TARGETS_H_
