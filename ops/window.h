// The window that a convolution or a pooling slides over its input.
//
// Along each axis the output's position o covers the input's positions
//   o * stride - padding.before + tap * dilation,   tap in [0, kernel),
// and there are
//   floor((input + padding.before + padding.after
//          - ((kernel - 1) * dilation + 1)) / stride) + 1
// output positions. Rounding up instead adds a last position if the stride does
// not divide evenly. The window of that position reaches beyond the padding. It
// is not added if its window would start after the input. Sources: Dumoulin and
// Visin, "A guide to convolution arithmetic for deep learning", 2016; PyTorch's
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

// Positions added around the input. {1, 1} adds one on both sides of each axis;
// {{0, 0}, {1, 1}} adds one only after its end. In one dimension write the
// latter as Padding(Axes{0}, Axes{1}): braces around a single number are
// ambiguous.
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

// Each has one number for each spatial dimension. Resolve() fills in empty
// fields.
struct Window {
  // Taps, at least 1. Determines the number of dimensions.
  Axes kernel = {};
  // Input positions from one output position to the next, at least 1.
  Axes stride = {};
  // Input positions from one tap to the next, at least 1. Empty: 1.
  Axes dilation = {};
  // At least 0. Empty: 0.
  Padding padding = {};

  friend bool operator==(const Window& a, const Window& b) = default;
};

// How the output's size is rounded if the stride does not divide evenly.
enum class Rounding : uint8_t { kFloor, kCeil };

// The largest size, kernel, stride, dilation and padding along one axis.
inline constexpr int64_t kMaxAxisSize = std::numeric_limits<int32_t>::max();

// Returns `window` with its empty fields filled in. An empty stride becomes
// `default_stride`. Errors: InvalidArgument, naming the field and its value,
// for a field whose number of dimensions differs from that of `kernel`, or with
// a number out of range.
absl::StatusOr<Window> Resolve(const Window& window,
                               const Axes& default_stride);

// The number of input positions from a window's first to its last tap,
// inclusive, along one axis of a resolved window.
inline int64_t Extent(const Window& window, int axis) {
  return (window.kernel[axis] - 1) * window.dilation[axis] + 1;
}

// The output's size along each axis of a resolved window. Errors:
// InvalidArgument, naming the field and the values, for an input with a
// different number of dimensions, a size outside [1, kMaxAxisSize], or a window
// larger than the padded input (with kCeil: larger by a stride or more).
absl::StatusOr<Axes> OutputSize(const Window& window, const Axes& input,
                                Rounding rounding = Rounding::kFloor);

// The same window over three dimensions. Adds outer dimensions of size 1.
Window To3d(const Window& window);
// Likewise for sizes, and for padding without empty fields.
Axes To3d(const Axes& sizes);
Padding To3d(const Padding& padding);

// "5 x 5, stride 2, padding 1 x 2". Omits strides and dilations of 1, padding
// of 0 and empty fields.
std::string WindowText(const Window& window);

// "padding 2", "padding 0 before, 1 after"; "" for none.
std::string PaddingText(const Padding& padding);

}  // namespace lenslet

#endif  // LENSLET_OPS_WINDOW_H_
