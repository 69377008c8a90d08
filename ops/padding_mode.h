// What the positions that padding adds around an image hold.
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

// The position whose number padding puts at `position` of an axis of `size`
// positions, or -1 if it puts a zero there. Positions count from the axis's
// own first one, so they are negative before it; positions of the axis itself
// are their own. For padding that CheckPadding() accepts.
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

// `padding` has a number, at least 0, for each of the input's axes on each
// side. Errors: InvalidArgument, naming the side and the values, for a
// reflection that needs more positions than the input has beside its edge.
absl::Status CheckPadding(PaddingMode mode, const Padding& padding,
                          const Axes& input);

}  // namespace lenslet

#endif  // LENSLET_OPS_PADDING_MODE_H_
