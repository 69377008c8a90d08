// The window that a convolution or a pooling slides over its input.
//
// Along each axis the output's position o covers the input's positions
//   o * stride - padding.before + tap * dilation,   tap in [0, kernel),
// and there are
//   floor((input + padding.before + padding.after
//          - ((kernel - 1) * dilation + 1)) / stride) + 1
// output positions. Rounding up instead adds the position that is left where
// the stride does not divide, unless its window would start behind the input:
// then the last window reaches beyond the padding. Sources: Dumoulin and Visin,
// "A guide to convolution arithmetic for deep learning", 2016; PyTorch's
// "ceil_mode".

#ifndef LENSLET_OPS_WINDOW_H_
#define LENSLET_OPS_WINDOW_H_

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"

namespace lenslet {

// Positions added around the input: {1, 1} on both sides of each axis,
// {{0, 0}, {1, 1}} only after its end. In one dimension, where braces around
// one number say nothing, the latter is Padding(Axes{0}, Axes{1}).
struct Padding {
  Padding() = default;
  Padding(std::initializer_list<int64_t> both_sides)
      : before(both_sides), after(both_sides) {}
  Padding(const Axes& before, const Axes& after)
      : before(before), after(after) {}

  Axes before;
  Axes after;

  friend bool operator==(const Padding& a, const Padding& b) = default;
};

// All have one number for each spatial dimension. What is left empty is set by
// Resolve().
struct Window {
  // Taps, at least 1. The number of dimensions is this one's.
  Axes kernel = {};
  // Input positions from one output position to the next, at least 1.
  Axes stride = {};
  // Input positions from one tap to the next, at least 1. Empty: 1.
  Axes dilation = {};
  // At least 0. Empty: 0.
  Padding padding = {};

  friend bool operator==(const Window& a, const Window& b) = default;
};

// How a stride that does not divide is rounded in the output's size.
enum class Rounding : uint8_t { kFloor, kCeil };

// The largest size, kernel, stride, dilation and padding along one axis.
inline constexpr int64_t kMaxAxisSize = std::numeric_limits<int32_t>::max();

// Returns `window` with all that was empty filled in; `stride` is the stride if
// it has none. Errors: InvalidArgument, naming the field and its value, for a
// field with another number of dimensions than `kernel` or with a number out of
// its range.
absl::StatusOr<Window> Resolve(const Window& window,
                               const Axes& default_stride);

// Input positions from a window's first to its last, along one axis of a
// resolved window.
inline int64_t Extent(const Window& window, int axis) {
  return (window.kernel[axis] - 1) * window.dilation[axis] + 1;
}

// The output's size along each axis of a resolved window. Errors:
// InvalidArgument, naming the field and the values, for an input with another
// number of dimensions, a size that is not in [1, kMaxAxisSize], or a window
// that is larger than the padded input; with kCeil, by a stride or more.
absl::StatusOr<Axes> OutputSize(const Window& window, const Axes& input,
                                Rounding rounding = Rounding::kFloor);

// The same window over three dimensions: outer dimensions of size 1 are added.
Window To3d(const Window& window);
// Likewise for sizes, and for padding with all its numbers.
Axes To3d(const Axes& sizes);
Padding To3d(const Padding& padding);

// "5 x 5, stride 2, padding 1 x 2". Strides and dilations of 1, padding of 0
// and what is empty are left out.
std::string WindowText(const Window& window);

// "padding 2", "padding 0 before, 1 after"; "" for none.
std::string PaddingText(const Padding& padding);

}  // namespace lenslet

#endif  // LENSLET_OPS_WINDOW_H_
