// Numbers as colours.

#ifndef LENSLET_INSPECT_COLOR_MAP_H_
#define LENSLET_INSPECT_COLOR_MAP_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// The smallest and the largest of some numbers.
struct ValueRange {
  float min = 0;
  float max = 0;
};

// The range of those that are finite; [0, 0] if none is.
ValueRange FiniteRange(absl::Span<const float> values);

enum class ColorMap : uint8_t {
  // From black (range.min) to white (range.max), for images and activations.
  // Where both are the same, the gray between.
  kGray,
  // From blue (-m) through white (0) to red (m), where m is the larger of
  // |range.min| and |range.max|: for filters and other numbers whose sign
  // counts. The ends are those of ColorBrewer's RdBu with 9 classes, the way
  // from one to the next is linear. White where m is 0.
  kDiverging,
};

using Color = std::array<uint8_t, 3>;  // Red, green, blue.

// What stands for NaN, in every map.
inline constexpr Color kNanColor = {255, 0, 255};

// `range` is finite, and range.min <= range.max. Values outside of it,
// infinite ones too, have the colour of its nearer end.
Color ColorOf(float value, ColorMap colors, const ValueRange& range);

// A map of numbers as an image, uint8 [H, W, 3], a pixel for each number.
// `map` is [H, W], or [H, W, 3] with numbers that are themselves the strengths
// of red, green and blue: from none (range.min) to full (range.max) by kGray,
// from none (-m) through half (0) to full (m) by kDiverging. Without `range`,
// FiniteRange() of the map. Aborts for other shapes.
Tensor ColorImage(View<const float> map, ColorMap colors,
                  const ValueRange& range);
Tensor ColorImage(View<const float> map, ColorMap colors = ColorMap::kGray);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_COLOR_MAP_H_
