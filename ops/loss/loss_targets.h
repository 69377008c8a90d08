// The targets that a loss compares outputs with.

#ifndef LENSLET_OPS_LOSS_LOSS_TARGETS_H_
#define LENSLET_OPS_LOSS_LOSS_TARGETS_H_

#include <cstdint>

#include "lenslet/data/target_kind.h"

namespace lenslet {

// The targets of a block's images. One of these is set: `classes` for
// TargetKind::kClasses, `values` for the other kinds (data/target_kind.h).
struct LossTargets {
  // [images, positions], image by image in both memory layouts. In [0,
  // classes); of outputs [..., classes] with positions, also kIgnoredClass.
  const int32_t* classes = nullptr;
  // As many numbers as the output has, in the output's memory layout. In lanes,
  // the numbers of missing images have no effect.
  const float* values = nullptr;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_TARGETS_H_
