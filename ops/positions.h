// Loops over positions in three spatial dimensions, for reference kernels:
// clear, not fast.

#ifndef LENSLET_OPS_POSITIONS_H_
#define LENSLET_OPS_POSITIONS_H_

#include <cstdint>

#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {

// Calls body(position) for each position of an array of this size, in row-major
// order.
template <typename Body>
void ForEachPosition(const Axes& size, Body body) {
  for (int64_t d = 0; d < size[0]; ++d) {
    for (int64_t h = 0; h < size[1]; ++h) {
      for (int64_t w = 0; w < size[2]; ++w) body(Axes{d, h, w});
    }
  }
}

inline bool IsInside(const Axes& i, const Axes& size) {
  return 0 <= i[0] && i[0] < size[0] && 0 <= i[1] && i[1] < size[1] &&
         0 <= i[2] && i[2] < size[2];
}

// The offset of element [outer, i[0], i[1], i[2], channel] in a dense array.
inline int64_t OffsetOf(int64_t outer, const Axes& i, const Axes& size,
                        int64_t channel, int64_t channels) {
  return (((outer * size[0] + i[0]) * size[1] + i[1]) * size[2] + i[2]) *
             channels +
         channel;
}

// The input position under a tap of the window at output position o. It may be
// outside the input.
inline Axes InputPosition(const Window& window, const Axes& o,
                          const Axes& tap) {
  Axes i = o;
  for (int axis = 0; axis < 3; ++axis) {
    i[axis] = o[axis] * window.stride[axis] - window.padding.before[axis] +
              tap[axis] * window.dilation[axis];
  }
  return i;
}

// Finds the output position o whose tap `tap` is at input position i. `output`
// is the output's size. Returns false if there is none.
inline bool FindOutputPosition(const Window& window, const Axes& output,
                               const Axes& i, const Axes& tap, Axes& o) {
  o = i;
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t start = i[axis] + window.padding.before[axis] -
                          tap[axis] * window.dilation[axis];
    if (start < 0 || start % window.stride[axis] != 0) return false;
    o[axis] = start / window.stride[axis];
  }
  return IsInside(o, output);
}

// Calls body(p) for each position p of the padded input that holds a copy of
// the input's position i, including i itself. Calls are in row-major order. The
// input has size `size`. p counts from the input's first position.
template <typename Body>
void ForEachCopy(PaddingMode mode, const Padding& padding, const Axes& size,
                 const Axes& i, Body body) {
  if (mode == PaddingMode::kZero) return body(i);
  const auto for_each = [&](int axis, auto inner) {
    for (int64_t p = -padding.before[axis];
         p < size[axis] + padding.after[axis]; ++p) {
      if (SourceOf(mode, p, size[axis]) == i[axis]) inner(p);
    }
  };
  for_each(0, [&](int64_t d) {
    for_each(1, [&](int64_t h) {
      for_each(2, [&](int64_t w) { body(Axes{d, h, w}); });
    });
  });
}

}  // namespace lenslet

#endif  // LENSLET_OPS_POSITIONS_H_
