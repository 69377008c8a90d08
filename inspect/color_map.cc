#include "lenslet/inspect/color_map.h"

#include <algorithm>
#include <cmath>

#include "lenslet/base/check.h"

namespace lenslet {
namespace {

constexpr Color kBlue = {0x21, 0x66, 0xac};
constexpr Color kRed = {0xb2, 0x18, 0x2b};

// The range that `colors` spreads over its colors.
ValueRange Widened(ColorMap colors, const ValueRange& range) {
  if (colors == ColorMap::kGray) return range;
  const float largest = std::max(std::abs(range.min), std::abs(range.max));
  return {.min = -largest, .max = largest};
}

// Where `value` lies in the range, from 0 to 1.
double Position(float value, const ValueRange& range) {
  if (value < range.min) return 0;
  if (value > range.max) return 1;
  if (range.min == range.max) return 0.5;
  // The width of a range of floats may be no float.
  const double width = static_cast<double>(range.max) - range.min;
  return (static_cast<double>(value) - range.min) / width;
}

uint8_t Level(double position) {
  return static_cast<uint8_t>(std::lround(255 * position));
}

}  // namespace

ValueRange FiniteRange(absl::Span<const float> values) {
  ValueRange range;
  bool any = false;
  for (float value : values) {
    if (!std::isfinite(value)) continue;
    range.min = any ? std::min(range.min, value) : value;
    range.max = any ? std::max(range.max, value) : value;
    any = true;
  }
  return range;
}

Color ColorOf(float value, ColorMap colors, const ValueRange& range) {
  if (std::isnan(value)) return kNanColor;
  const double position = Position(value, Widened(colors, range));
  if (colors == ColorMap::kGray) {
    const uint8_t level = Level(position);
    return {level, level, level};
  }
  const double strength = std::abs(2 * position - 1);
  const Color& end = position < 0.5 ? kBlue : kRed;
  Color color;
  for (int i = 0; i < 3; ++i) {
    color[i] =
        static_cast<uint8_t>(std::lround(255 + strength * (end[i] - 255)));
  }
  return color;
}

Tensor ColorImage(View<const float> map, ColorMap colors,
                  const ValueRange& range) {
  const Shape& shape = map.shape();
  LENSLET_CHECK(shape.rank() == 2 || (shape.rank() == 3 && shape.dim(2) == 3));
  Tensor image({shape.dim(0), shape.dim(1), 3}, ElementType::kUint8);
  uint8_t* out = image.data<uint8_t>();
  const int64_t pixels = shape.dim(0) * shape.dim(1);
  const ValueRange spread = Widened(colors, range);
  for (int64_t i = 0; i < pixels; ++i) {
    Color color;
    if (shape.rank() == 2) {
      color = ColorOf(map[i], colors, range);
    } else if (const float* rgb = map.data() + 3 * i;
               std::isnan(rgb[0]) || std::isnan(rgb[1]) || std::isnan(rgb[2])) {
      color = kNanColor;
    } else {
      for (int c = 0; c < 3; ++c) color[c] = Level(Position(rgb[c], spread));
    }
    out = std::copy(color.begin(), color.end(), out);
  }
  return image;
}

Tensor ColorImage(View<const float> map, ColorMap colors) {
  return ColorImage(map, colors, FiniteRange(map.span()));
}

Tensor BytesOfNumbers(const Tensor& image) {
  const Shape& shape = image.shape();
  return ColorImage(shape.dim(2) == 3
                        ? image.view()
                        : image.view().Reshape({shape.dim(0), shape.dim(1)}));
}

}  // namespace lenslet
