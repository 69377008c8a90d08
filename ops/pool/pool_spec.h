// Pooling: one number for each window of each channel.
//
//   maximum   y[o, c] = max over taps t of x[position(o, t), c]
//   minimum   y[o, c] = min over taps t of x[position(o, t), c]
//   average   y[o, c] = (sum over taps t of x[position(o, t), c]) / n
//   softmax   y[o, c] = sum over taps t of p[t] * x[position(o, t), c],
//             p = softmax over taps t of x[position(o, t), c] / temperature
//   position(o, t) = o * stride - padding.before + t * dilation
//
// Adaptive windows have no fixed size. Along each axis, output o covers the
// input from floor(o * input / output) to before
// ceil((o + 1) * input / output), for the output size that is wanted.
//
// Taps on padding are left out, but that an average may count them as zeros: n
// is the number of taps on the input or, with count_padding, on the padded
// input. Only a window that rounding up has added reaches beyond that. Shapes,
// for two dimensions:
//   x   [N, H, W, C]
//   y   [N, H', W', C]
// The gradient of a maximum goes to its first largest tap, in row-major order,
// that of a minimum to its first smallest. That of a softmax is
//   dx[position(o, t), c] +=
//       dy[o, c] * p[t] * (1 + (x[position(o, t), c] - y[o, c]) / temperature)
// Softmax pooling becomes the maximum as the temperature goes to 0, and the
// average over the input's own taps as it grows. Sources: "Dive into Deep
// Learning", section "Pooling"; PyTorch's pooling functions.
//
// With a NaN among its taps, all of a window's results are NaN by `reference`,
// and averages and, in the vectors of x86 CPUs, softmaxes by `lanes` and
// `direct`. Their maxima and minima may be those of other taps, as the CPU's
// instructions have it: to look for NaNs would take two more instructions a
// tap. XNNPACK may make any number of it.

#ifndef LENSLET_OPS_POOL_POOL_SPEC_H_
#define LENSLET_OPS_POOL_POOL_SPEC_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

enum class PoolKind : uint8_t { kMax, kAverage, kMin, kSoftmax };

struct PoolSpec {
  PoolKind kind = PoolKind::kMax;
  // An empty stride is the kernel: windows that touch and do not overlap. No
  // window may lie on padding alone, so the padding of each side is smaller
  // than the window and, where there is padding, the dilation at most the
  // input.
  Window window = {};
  // Whether an average divides by the taps on padding, too.
  bool count_padding = true;
  // Of the windows' number.
  Rounding rounding = Rounding::kFloor;
  // The output's size, each at least 1: windows are adaptive, and `window` must
  // be empty. All 1: one window over the whole input.
  Axes output = {};
  // Of a softmax, above 0 and finite; in the input's units.
  double temperature = 1;
};

// Spatial dimensions, as the output's or the kernel's size tells; 0 if neither
// is given.
int SpatialRank(const PoolSpec& spec);

// A spec that has met its input; always in three spatial dimensions, of which
// the outer ones may have size 1. Where an adaptive spec's output divides its
// input, its windows are ordinary ones.
struct PoolGeometry {
  PoolKind kind;
  // With adaptive windows: no padding, and a kernel that no window exceeds.
  Window window;
  // Whether the windows of some axis are not all alike.
  bool adaptive;
  bool count_padding;
  double temperature;
  Axes input;
  Axes output;
  int64_t channels;
};

// The taps of a window along one axis, without those on padding. A window's
// taps are those of its axes combined, and their divisors' product is n.
struct PoolTaps {
  int64_t first;     // The input position of the first.
  int64_t count;     // At least 1.
  int64_t dilation;  // Input positions from one to the next.
  int64_t divisor;   // How many an average counts.
};

// Those of the window at position o of the output along an axis.
PoolTaps TapsAt(const PoolGeometry& geometry, int axis, int64_t o);

// Writes where the input's rows under the windows of output row (d, h) start,
// in floats, of which an input position has `position`. Returns the product of
// the divisors of these two axes.
int64_t ListRows(const PoolGeometry& geometry, int64_t d, int64_t h,
                 int64_t position, std::vector<int64_t>& rows);

// The positions [begin, end) of the output along an axis whose windows start at
// or before position i of the input and end at or behind it.
struct PoolWindowRange {
  int64_t begin;
  int64_t end;
};
PoolWindowRange WindowsOver(const PoolGeometry& geometry, int axis, int64_t i);

// At least as many taps along each axis as any window has on the input.
Axes MostTaps(const PoolGeometry& geometry);

// Whether each window has all of its taps on the input, one like the other.
bool WindowsAreWhole(const PoolGeometry& geometry);

// 1 / temperature as a float; finite, so that its product with 0 is 0.
float InverseTemperature(const PoolGeometry& geometry);

// `image` is the shape of one image: [H, W, C] in two dimensions. Errors:
// InvalidArgument, naming the field and the values, for a number out of its
// range, an image of other dimensions, or a window larger than the padded
// image.
absl::StatusOr<PoolGeometry> Resolve(const PoolSpec& spec, const Shape& image);

// The shape of one output image. Errors: as Resolve().
absl::StatusOr<Shape> OutputShape(const PoolSpec& spec, const Shape& image);

// For one image: for each tap one addition or comparison; for a softmax a
// comparison, an exponential, an addition and a multiply-add. Taps on padding
// count, but in adaptive windows, which have none. Errors: as Resolve().
absl::StatusOr<Cost> ComputeCost(const PoolSpec& spec, const Shape& image);

// For kernels' own use.

PoolTaps TapsAtBorder(const PoolGeometry& geometry, int axis, int64_t start);

inline PoolTaps TapsAt(const PoolGeometry& geometry, int axis, int64_t o) {
  const int64_t input = geometry.input[axis];
  if (geometry.adaptive) {
    const int64_t output = geometry.output[axis];
    const int64_t first = o * input / output;
    const int64_t count = ((o + 1) * input + output - 1) / output - first;
    return {first, count, 1, count};
  }
  const Window& window = geometry.window;
  const int64_t start = o * window.stride[axis] - window.padding.before[axis];
  if (start < 0 || start + Extent(window, axis) > input) {
    return TapsAtBorder(geometry, axis, start);
  }
  const int64_t kernel = window.kernel[axis];
  return {start, kernel, window.dilation[axis], kernel};
}

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_SPEC_H_
