// The values that padding adds around an image.
//
//   mode         a b c d, padded by 2 on both sides    in numpy.pad
//   zero         0 0 a b c d 0 0                       constant
//   reflect      c b a b c d c b                       reflect
//   replicate    a a a b c d d d                       edge

#ifndef LENSLET_OPS_PADDING_MODE_H_
#define LENSLET_OPS_PADDING_MODE_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/window.h"

namespace lenslet {

enum class PaddingMode : uint8_t { kZero, kReflect, kReplicate };

// "zero", "reflect", "replicate"
absl::string_view Name(PaddingMode mode);

// Returns the position whose value padding copies to `position`, or -1 for a
// zero. The axis has the positions 0 to size - 1; those before it are negative.
// A position on the axis is its own source. For padding that CheckPadding()
// accepts.
inline int64_t SourceOf(PaddingMode mode, int64_t position, int64_t size) {
  if (position >= 0 && position < size) return position;
  switch (mode) {
    case PaddingMode::kZero:
      return -1;
    case PaddingMode::kReflect:
      return position < 0 ? -position : 2 * (size - 1) - position;
    case PaddingMode::kReplicate:
      return std::clamp<int64_t>(position, 0, size - 1);
  }
  return -1;
}

// `padding` has a number, at least 0, for each side of each of the input's
// axes. Errors: InvalidArgument, naming the side and the values, if a
// reflection needs more positions than the input has next to its edge.
absl::Status CheckPadding(PaddingMode mode, const Padding& padding,
                          const Axes& input);

}  // namespace lenslet

#endif  // LENSLET_OPS_PADDING_MODE_H_
