// Maps numbers to colors.

#ifndef LENSLET_INSPECT_COLOR_MAP_H_
#define LENSLET_INSPECT_COLOR_MAP_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// The minimum and maximum of some numbers.
struct ValueRange {
  float min = 0;
  float max = 0;
};

// Returns the range of the finite values; [0, 0] if there are none.
ValueRange FiniteRange(absl::Span<const float> values);

enum class ColorMap : uint8_t {
  // From black (range.min) to white (range.max), for images and activations.
  // Medium gray if both are equal.
  kGray,
  // From blue (-m) through white (0) to red (m), where m is the larger of
  // |range.min| and |range.max|: for filters and other values whose sign
  // matters. The end colors are from ColorBrewer's RdBu with 9 classes;
  // colors between are interpolated linearly. White if m is 0.
  kDiverging,
};

using Color = std::array<uint8_t, 3>;  // Red, green, blue.

// The color of NaN in every map.
inline constexpr Color kNanColor = {255, 0, 255};

// Returns the color of `value`. `range` is finite, and range.min <= range.max.
// Values outside of the range, including infinite ones, are clamped to it.
Color ColorOf(float value, ColorMap colors, const ValueRange& range);

// Returns a map of numbers as an image, uint8 [H, W, 3], with one pixel per
// number. `map` is [H, W] or [H, W, 3]. In the latter, the numbers are the
// intensities of red, green and blue. kGray maps them from none (range.min) to
// full (range.max), kDiverging from none (-m) through half (0) to full (m). The
// default `range` is FiniteRange() of the map. Aborts for other shapes.
Tensor ColorImage(View<const float> map, ColorMap colors,
                  const ValueRange& range);
Tensor ColorImage(View<const float> map, ColorMap colors = ColorMap::kGray);

// Returns an image of numbers, float32 [H, W, 1 or 3], such as samples of 16
// bits, as bytes [H, W, 3]: its smallest finite number is black, the largest
// white. An image that fills only a few of its bits would otherwise be black.
Tensor BytesOfNumbers(const Tensor& image);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_COLOR_MAP_H_
