#include "lenslet/inspect/class_colors.h"

#include <algorithm>
#include <cmath>

#include "lenslet/base/check.h"

namespace lenslet {

Color ClassColor(int64_t c) {
  if (c < 0) return {222, 222, 222};  // Ignored.
  if (c == 0) return {58, 64, 76};
  constexpr double kGoldenAngle = 137.50776405;
  const double hue = std::fmod(210 + (c - 1) * kGoldenAngle, 360) / 60;
  const double value = 0.95 - 0.15 * ((c - 1) % 3);
  constexpr double kSaturation = 0.62;
  Color color;
  // Red, green and blue, each a third of the circle after the other.
  for (int i = 0; i < 3; ++i) {
    const double k = std::fmod(5 - 2 * i + hue, 6);
    const double part = std::max(0.0, std::min({k, 4 - k, 1.0}));
    color[i] = static_cast<uint8_t>(
        std::lround(255 * value * (1 - kSaturation * part)));
  }
  return color;
}

Tensor ClassImage(absl::Span<const int32_t> classes, int64_t height,
                  int64_t width) {
  LENSLET_CHECK(static_cast<int64_t>(classes.size()) == height * width);
  Tensor image({height, width, 3}, ElementType::kUint8);
  uint8_t* pixel = image.data<uint8_t>();
  for (const int32_t c : classes) {
    pixel = std::copy_n(ClassColor(c).data(), 3, pixel);
  }
  return image;
}

}  // namespace lenslet
