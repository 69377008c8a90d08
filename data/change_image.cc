#include "lenslet/data/change_image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "lenslet/base/portable_math.h"

namespace lenslet {
namespace {

// Fixed-point places.
constexpr int kFraction = 16;
constexpr int64_t kOne = int64_t{1} << kFraction;

int64_t ToFixed(double x) {
  return static_cast<int64_t>(std::floor(x * kOne + 0.5));
}

// Half of the last place that counts, in which source positions are rounded.
constexpr double kHalfPlace = 0.5 / 256;

// Calls visit(x, y) for each pixel of a rotated image, row by row, with its
// source in fixed point: a source on the first pixel is at 1 + kHalfPlace, one
// pixel of padding.
template <typename Visit>
void ForEachSource(const ImageFormat& format, double degrees, Visit visit) {
  double sine, cosine;
  SineAndCosine(degrees * (std::numbers::pi / 180), sine, cosine);
  const double middle_x = (static_cast<double>(format.width) - 1) / 2;
  const double middle_y = (static_cast<double>(format.height) - 1) / 2;
  const int64_t step_x = ToFixed(cosine);
  const int64_t step_y = ToFixed(sine);
  for (int64_t row = 0; row < format.height; ++row) {
    const double y = static_cast<double>(row) - middle_y;
    int64_t from_x =
        ToFixed(middle_x - cosine * middle_x - sine * y + 1 + kHalfPlace);
    int64_t from_y =
        ToFixed(middle_y - sine * middle_x + cosine * y + 1 + kHalfPlace);
    for (int64_t column = 0; column < format.width; ++column) {
      visit(from_x, from_y);
      from_x += step_x;
      from_y += step_y;
    }
  }
}

// Copies `count` pixels in reverse order.
void ReversePixels(const uint8_t* in, int64_t count, int64_t channels,
                   uint8_t* out) {
  int64_t i = 0;
  if (channels == 1) {
    for (; i + 8 <= count; i += 8) {
      uint64_t bytes;
      std::memcpy(&bytes, in + i, 8);
      bytes = __builtin_bswap64(bytes);
      std::memcpy(out + count - 8 - i, &bytes, 8);
    }
  }
  for (; i < count; ++i) {
    const uint8_t* from = in + i * channels;
    uint8_t* to = out + (count - 1 - i) * channels;
    for (int64_t c = 0; c < channels; ++c) to[c] = from[c];
  }
}

}  // namespace

ImageRotation::ImageRotation(const ImageFormat& format)
    : format_(format),
      padded_((format.height + 3) * (format.width + 3) * format.channels) {}

void ImageRotation::Rotate(const uint8_t* in, double degrees, uint8_t* out) {
  const int64_t height = format_.height, width = format_.width;
  const int64_t channels = format_.channels;
  const int64_t row_bytes = width * channels;
  const int64_t pitch = (width + 3) * channels;
  for (int64_t row = 0; row < height; ++row) {
    std::memcpy(padded_.data() + (row + 1) * pitch + channels,
                in + row * row_bytes, row_bytes);
  }
  ForEachSource(format_, degrees, [&](int64_t from_x, int64_t from_y) {
    const int64_t px = std::clamp<int64_t>(from_x, 0, (width + 1) * kOne);
    const int64_t py = std::clamp<int64_t>(from_y, 0, (height + 1) * kOne);
    const uint8_t* pixel = padded_.data() + (py >> kFraction) * pitch +
                           (px >> kFraction) * channels;
    const auto right = static_cast<uint32_t>(px >> 8 & 255);
    const auto below = static_cast<uint32_t>(py >> 8 & 255);
    for (int64_t c = 0; c < channels; ++c) {
      const uint32_t upper =
          pixel[c] * (256 - right) + pixel[channels + c] * right;
      const uint32_t lower = pixel[pitch + c] * (256 - right) +
                             pixel[pitch + channels + c] * right;
      *out++ = static_cast<uint8_t>(
          (upper * (256 - below) + lower * below + (1 << 15)) >> 16);
    }
  });
}

void RotateMap(const ImageFormat& format, const int32_t* in, double degrees,
               int32_t outside, int32_t* out) {
  // From the padding to the nearest pixel.
  const int64_t shift = kOne / 2 - kOne - ToFixed(kHalfPlace);
  ForEachSource(format, degrees, [&](int64_t from_x, int64_t from_y) {
    const int64_t x = (from_x + shift) >> kFraction;
    const int64_t y = (from_y + shift) >> kFraction;
    const bool is_inside =
        x >= 0 && x < format.width && y >= 0 && y < format.height;
    const int32_t* from = in + (y * format.width + x) * format.channels;
    for (int64_t c = 0; c < format.channels; ++c) {
      *out++ = is_inside ? from[c] : outside;
    }
  });
}

void RotateNumbers(const ImageFormat& format, const float* in, double degrees,
                   float* out) {
  const int64_t height = format.height, width = format.width;
  const int64_t channels = format.channels;
  ForEachSource(format, degrees, [&](int64_t from_x, int64_t from_y) {
    const int64_t x = (from_x >> kFraction) - 1;
    const int64_t y = (from_y >> kFraction) - 1;
    const float right = static_cast<float>(from_x >> 8 & 255) / 256;
    const float below = static_cast<float>(from_y >> 8 & 255) / 256;
    const auto at = [&](int64_t row, int64_t column, int64_t c) {
      return row >= 0 && row < height && column >= 0 && column < width
                 ? in[(row * width + column) * channels + c]
                 : 0.0f;
    };
    for (int64_t c = 0; c < channels; ++c) {
      const float upper = at(y, x, c) * (1 - right) + at(y, x + 1, c) * right;
      const float lower =
          at(y + 1, x, c) * (1 - right) + at(y + 1, x + 1, c) * right;
      *out++ = upper * (1 - below) + lower * below;
    }
  });
}

void MoveImage(const ImageFormat& format, const uint8_t* in, int64_t rows,
               int64_t columns, bool mirrored, uint8_t* out) {
  const auto [height, width, channels] = format;
  const int64_t row_bytes = width * channels;
  // What is left of a row, how much of it, and where it goes.
  const int64_t first = std::max<int64_t>(-columns, 0);
  const int64_t count = width - std::abs(columns);
  const int64_t left = std::max<int64_t>(mirrored ? -columns : columns, 0);
  for (int64_t row = 0; row < height; ++row, out += row_bytes) {
    const int64_t from = row - rows;
    if (from < 0 || from >= height) {
      std::memset(out, 0, row_bytes);
      continue;
    }
    const uint8_t* pixels = in + from * row_bytes + first * channels;
    uint8_t* to = out + left * channels;
    std::memset(out, 0, to - out);
    if (mirrored) {
      ReversePixels(pixels, count, channels, to);
    } else {
      std::memcpy(to, pixels, count * channels);
    }
    uint8_t* end = to + count * channels;
    std::memset(end, 0, out + row_bytes - end);
  }
}

}  // namespace lenslet
