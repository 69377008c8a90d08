#include "lenslet/data/change_colors.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lenslet {
namespace {

// 1 in fixed point, in which all of this is exact.
constexpr int64_t kWhole = int64_t{1} << 16;

int64_t ToPlaces(double x) {
  return static_cast<int64_t>(std::floor(x * kWhole + 0.5));
}

uint8_t ToByte(int64_t x) {
  return static_cast<uint8_t>(
      std::clamp<int64_t>((x + kWhole / 2) >> 16, 0, 255));
}

// The weights add up to one.
int64_t GrayOf(const uint8_t* pixel) {
  return (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + kWhole / 2) >>
         16;
}

// m + f * (x - m) of every byte x. `mean` and `factor` in fixed point.
std::array<uint8_t, 256> BlendTable(int64_t mean, int64_t factor) {
  std::array<uint8_t, 256> table;
  for (int64_t x = 0; x < 256; ++x) {
    const int64_t change = factor * (x * kWhole - mean);
    // Rounded to the nearest.
    table[x] = ToByte(mean + ((change + kWhole / 2) >> 16));
  }
  return table;
}

void Apply(const std::array<uint8_t, 256>& table, int64_t bytes,
           uint8_t* image) {
  for (int64_t i = 0; i < bytes; ++i) image[i] = table[image[i]];
}

// In fixed point.
int64_t MeanGray(const ImageFormat& format, const uint8_t* image) {
  int64_t sum = 0, count = format.bytes();
  if (format.channels == 3) {
    count /= 3;
    for (int64_t i = 0; i < count; ++i) sum += GrayOf(image + 3 * i);
  } else {
    for (int64_t i = 0; i < count; ++i) sum += image[i];
  }
  return (sum * kWhole + count / 2) / count;
}

void ChangeSaturation(int64_t factor, int64_t pixels, uint8_t* image) {
  for (int64_t i = 0; i < pixels; ++i, image += 3) {
    const int64_t gray = GrayOf(image);
    for (int c = 0; c < 3; ++c) {
      image[c] = ToByte(gray * kWhole + factor * (image[c] - gray));
    }
  }
}

// Through hue, chroma and the largest channel; `sixths` of a turn, in fixed
// point.
void ChangeHue(int64_t sixths, int64_t pixels, uint8_t* image) {
  for (int64_t i = 0; i < pixels; ++i, image += 3) {
    const int64_t r = image[0], g = image[1], b = image[2];
    const int64_t largest = std::max({r, g, b});
    const int64_t chroma = largest - std::min({r, g, b});
    if (chroma == 0) continue;
    // In sixths from red, as fractions with the denominator `chroma`.
    int64_t hue;
    if (largest == r) {
      hue = g - b;
    } else if (largest == g) {
      hue = b - r + 2 * chroma;
    } else {
      hue = r - g + 4 * chroma;
    }
    // Times chroma: a channel is full within one sixth of its color, absent
    // beyond two, and on a line between.
    const int64_t at = hue * kWhole + sixths * chroma;
    const int64_t sixth = kWhole * chroma;
    constexpr int kChannelSixths[3] = {0, 2, 4};
    for (int c = 0; c < 3; ++c) {
      int64_t away = (at - kChannelSixths[c] * sixth) % (6 * sixth);
      if (away < 0) away += 6 * sixth;
      away = std::min(away, 6 * sixth - away);
      const int64_t present = std::clamp<int64_t>(2 * sixth - away, 0, sixth);
      image[c] = ToByte((largest - chroma) * kWhole + present);
    }
  }
}

}  // namespace

void ChangeColors(const ImageFormat& format, const ColorChange& change,
                  uint8_t* image) {
  const int64_t bytes = format.bytes();
  if (change.brightness != 1) {
    Apply(BlendTable(/*mean=*/0, ToPlaces(change.brightness)), bytes, image);
  }
  if (change.contrast != 1) {
    Apply(BlendTable(MeanGray(format, image), ToPlaces(change.contrast)), bytes,
          image);
  }
  if (format.channels != 3) return;
  if (change.saturation != 1) {
    ChangeSaturation(ToPlaces(change.saturation), bytes / 3, image);
  }
  if (change.hue != 0) ChangeHue(ToPlaces(6 * change.hue), bytes / 3, image);
}

}  // namespace lenslet
