// Pooling: reduces each window of each channel to one number.
//
//   maximum   y[o, c] = max over taps t of x[position(o, t), c]
//   minimum   y[o, c] = min over taps t of x[position(o, t), c]
//   average   y[o, c] = (sum over taps t of x[position(o, t), c]) / n
//   softmax   y[o, c] = sum over taps t of p[t] * x[position(o, t), c],
//             p = softmax over taps t of x[position(o, t), c] / temperature
//   position(o, t) = o * stride - padding.before + t * dilation
//
// Adaptive windows have no fixed size: they follow from the output size. Along
// each axis, output o covers the input positions [floor(o * input / output),
// ceil((o + 1) * input / output)).
//
// Taps on padding are skipped, but an average may count them as zeros: n is the
// number of taps on the input or, with count_padding, on the padded input. A
// window added by rounding up may reach beyond the padded input; taps there
// never count. Shapes, for two dimensions:
//   x   [N, H, W, C]
//   y   [N, H', W', C]
// The gradient of a maximum goes to the first largest tap in row-major order,
// the gradient of a minimum to the first smallest. The gradient of a softmax is
//   dx[position(o, t), c] +=
//       dy[o, c] * p[t] * (1 + (x[position(o, t), c] - y[o, c]) / temperature)
// As the temperature goes to 0, softmax pooling approaches the maximum. As it
// grows, softmax pooling approaches the average over the taps on the input.
// Sources: "Dive into Deep Learning", section "Pooling"; PyTorch's pooling
// functions.
//
// If a tap of a window is NaN, the result depends on the backend. `reference`
// returns NaN. `lanes` and `direct` return NaN for averages and, on x86 CPUs,
// for softmaxes. Their maxima and minima may be those of other taps, depending
// on the CPU's instructions: a check for NaNs would cost two more instructions
// per tap. XNNPACK may return any number.

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
  // If the stride is empty, it is the kernel: windows are adjacent and do not
  // overlap. No window may lie on padding alone. So the padding of each side
  // must be smaller than the window, and the dilation along a padded axis at
  // most the input's size.
  Window window = {};
  // Whether an average also counts the taps on padding.
  bool count_padding = true;
  // Rounding of the number of windows.
  Rounding rounding = Rounding::kFloor;
  // If not empty, the output's size, each at least 1. Windows are then
  // adaptive, and `window` must be empty. All 1: one window over the whole
  // input.
  Axes output = {};
  // Softmax only. Above 0 and finite, in the input's units.
  double temperature = 1;
};

// The number of spatial dimensions, taken from the output or the kernel. 0 if
// neither is given.
int SpatialRank(const PoolSpec& spec);

// A spec resolved for its input. Always has three spatial dimensions; outer
// ones may have size 1. If an adaptive spec's output divides its input, its
// windows become ordinary ones.
struct PoolGeometry {
  PoolKind kind;
  // For adaptive windows: no padding, and a kernel at least as large as every
  // window.
  Window window;
  // Whether windows along some axis differ in size or spacing.
  bool adaptive;
  bool count_padding;
  double temperature;
  Axes input;
  Axes output;
  int64_t channels;
};

// The taps of a window along one axis, without those on padding. A window's
// taps are all combinations of its axes' taps. n is the product of the axes'
// divisors.
struct PoolTaps {
  int64_t first;     // The input position of the first tap.
  int64_t count;     // At least 1.
  int64_t dilation;  // Input positions from one tap to the next.
  int64_t divisor;   // The number of taps that an average counts.
};

// The taps of the window at output position o along an axis.
PoolTaps TapsAt(const PoolGeometry& geometry, int axis, int64_t o);

// Writes to `rows` the offsets of the input rows under the windows of output
// row (d, h). Offsets are in floats; an input position has `position` floats.
// Returns the product of the divisors of these two axes.
int64_t ListRows(const PoolGeometry& geometry, int64_t d, int64_t h,
                 int64_t position, std::vector<int64_t>& rows);

// The output positions [begin, end) along an axis whose windows start at or
// before input position i and end at or after it.
struct PoolWindowRange {
  int64_t begin;
  int64_t end;
};
PoolWindowRange WindowsOver(const PoolGeometry& geometry, int axis, int64_t i);

// An upper bound, along each axis, on the number of taps that a window has on
// the input.
Axes MostTaps(const PoolGeometry& geometry);

// Whether all windows have the same shape, with all taps on the input.
bool WindowsAreWhole(const PoolGeometry& geometry);

// 1 / temperature as a float. Always finite, so that its product with 0 is 0.
float InverseTemperature(const PoolGeometry& geometry);

// `image` is the shape of one image: [H, W, C] in two dimensions. Errors:
// InvalidArgument, naming the field and the values, for a number out of range,
// an image with a different number of dimensions, or a window larger than the
// padded image.
absl::StatusOr<PoolGeometry> Resolve(const PoolSpec& spec, const Shape& image);

// The shape of one output image. Errors: as Resolve().
absl::StatusOr<Shape> OutputShape(const PoolSpec& spec, const Shape& image);

// For one image: one addition or comparison for each tap. For a softmax: a
// comparison, an exponential, an addition and a multiply-add for each tap.
// Includes taps on padding, which adaptive windows do not have. Errors: as
// Resolve().
absl::StatusOr<Cost> ComputeCost(const PoolSpec& spec, const Shape& image);

// For kernels only.

// Sums of more taps are sums of parts of this many, so that their rounding does
// not grow with the number of taps.
inline constexpr int64_t kPartTaps = 16;

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
