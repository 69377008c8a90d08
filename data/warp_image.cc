#include "lenslet/data/warp_image.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lenslet/base/portable_math.h"

namespace lenslet {
namespace {

// Fixed-point places. Over 2^12 pixels, the rounding of a step adds up to less
// than a place that counts.
constexpr int kPlaces = 24;
constexpr int64_t kUnit = int64_t{1} << kPlaces;
// Half of 1/256.
constexpr int64_t kHalfOfPlace = kUnit / 512;

int64_t Fixed(double x) {
  return static_cast<int64_t>(std::floor(x * kUnit + 0.5));
}

// Calls visit(x, y) for each pixel of the result, row by row, with its source
// in fixed point, in the middle of pixels if it is in the area of the image;
// and visit_outside() if it is not.
template <typename Visit, typename VisitOutside>
void ForEachWarped(const ImageFormat& format, const ImageWarp& warp,
                   Visit visit, VisitOutside visit_outside) {
  double sine, cosine;
  SineAndCosine(warp.degrees * (std::numbers::pi / 180), sine, cosine);
  const double height = static_cast<double>(format.height);
  const double width = static_cast<double>(format.width);
  const double scale_x = static_cast<double>(warp.part.width) / width;
  const double scale_y = static_cast<double>(warp.part.height) / height;
  const double xx = cosine * scale_x / warp.factor;
  const double xy = -sine * scale_x / warp.factor;
  const double yx = sine * scale_y / warp.factor;
  const double yy = cosine * scale_y / warp.factor;
  // The middle of the result comes from that of the part.
  const double from_middle_x = static_cast<double>(warp.part.left) +
                               static_cast<double>(warp.part.width) / 2 - 0.5;
  const double from_middle_y = static_cast<double>(warp.part.top) +
                               static_cast<double>(warp.part.height) / 2 - 0.5;
  const double first_x = -(width - 1) / 2;
  const int64_t step_x = Fixed(xx), step_y = Fixed(yx);
  const int64_t last_x = (format.width - 1) * kUnit;
  const int64_t last_y = (format.height - 1) * kUnit;
  for (int64_t row = 0; row < format.height; ++row) {
    const double y = static_cast<double>(row) - (height - 1) / 2;
    int64_t x_from = Fixed(from_middle_x + xx * first_x + xy * y);
    int64_t y_from = Fixed(from_middle_y + yx * first_x + yy * y);
    for (int64_t column = 0; column < format.width; ++column) {
      if (x_from >= -kUnit / 2 && x_from < last_x + kUnit / 2 &&
          y_from >= -kUnit / 2 && y_from < last_y + kUnit / 2) {
        visit(std::clamp<int64_t>(x_from, 0, last_x),
              std::clamp<int64_t>(y_from, 0, last_y));
      } else {
        visit_outside();
      }
      x_from += step_x;
      y_from += step_y;
    }
  }
}

// The pixels around a source, and what the right and the lower ones count, in
// 256ths.
struct Neighbors {
  Neighbors(const ImageFormat& format, int64_t x, int64_t y) {
    x += kHalfOfPlace;
    y += kHalfOfPlace;
    const int64_t column = x >> kPlaces, row = y >> kPlaces;
    first = (row * format.width + column) * format.channels;
    // Where there is no neighbor, it counts 0.
    to_right = column + 1 < format.width ? format.channels : 0;
    to_lower = row + 1 < format.height ? format.width * format.channels : 0;
    right = static_cast<uint32_t>(x >> (kPlaces - 8) & 255);
    lower = static_cast<uint32_t>(y >> (kPlaces - 8) & 255);
  }

  int64_t first, to_right, to_lower;
  uint32_t right, lower;
};

}  // namespace

void WarpImage(const ImageFormat& format, const uint8_t* in,
               const ImageWarp& warp, uint8_t* out) {
  ForEachWarped(
      format, warp,
      [&](int64_t x, int64_t y) {
        const Neighbors near(format, x, y);
        const uint8_t* pixel = in + near.first;
        for (int64_t c = 0; c < format.channels; ++c, ++pixel) {
          const uint32_t upper =
              pixel[0] * (256 - near.right) + pixel[near.to_right] * near.right;
          const uint32_t lower =
              pixel[near.to_lower] * (256 - near.right) +
              pixel[near.to_lower + near.to_right] * near.right;
          *out++ = static_cast<uint8_t>(
              (upper * (256 - near.lower) + lower * near.lower + (1 << 15)) >>
              16);
        }
      },
      [&] { out = std::fill_n(out, format.channels, uint8_t{0}); });
}

void WarpNumbers(const ImageFormat& format, const float* in,
                 const ImageWarp& warp, float* out) {
  ForEachWarped(
      format, warp,
      [&](int64_t x, int64_t y) {
        const Neighbors near(format, x, y);
        const float right = static_cast<float>(near.right) / 256;
        const float below = static_cast<float>(near.lower) / 256;
        const float* pixel = in + near.first;
        for (int64_t c = 0; c < format.channels; ++c, ++pixel) {
          const float upper =
              pixel[0] * (1 - right) + pixel[near.to_right] * right;
          const float lower = pixel[near.to_lower] * (1 - right) +
                              pixel[near.to_lower + near.to_right] * right;
          *out++ = upper * (1 - below) + lower * below;
        }
      },
      [&] { out = std::fill_n(out, format.channels, 0.0f); });
}

void WarpMap(const ImageFormat& format, const int32_t* in,
             const ImageWarp& warp, int32_t outside, int32_t* out) {
  ForEachWarped(
      format, warp,
      [&](int64_t x, int64_t y) {
        const int64_t column = (x + kUnit / 2) >> kPlaces;
        const int64_t row = (y + kUnit / 2) >> kPlaces;
        out = std::copy_n(in + (row * format.width + column) * format.channels,
                          format.channels, out);
      },
      [&] { out = std::fill_n(out, format.channels, outside); });
}

ImageBox DrawPart(const ImageFormat& format, double min_area, Random& random) {
  constexpr double kNarrowest = 0.75;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = 1 - (1 - min_area) * random.Uniform();
    const double ratio =
        kNarrowest * Power(1 / (kNarrowest * kNarrowest), random.Uniform());
    const auto width = static_cast<int64_t>(
        std::floor(format.width * std::sqrt(area * ratio) + 0.5));
    const auto height = static_cast<int64_t>(
        std::floor(format.height * std::sqrt(area / ratio) + 0.5));
    if (width < 1 || width > format.width || height < 1 ||
        height > format.height) {
      continue;
    }
    const int64_t top = random.Below(format.height - height + 1);
    const int64_t left = random.Below(format.width - width + 1);
    return {.top = top, .left = left, .height = height, .width = width};
  }
  return {.height = format.height, .width = format.width};
}

ImageBox DrawErasedBox(const ImageFormat& format, Random& random) {
  constexpr double kLeastArea = 0.02, kGreatestArea = 0.4;
  constexpr double kLeastRatio = 0.3;
  const auto pixels = static_cast<double>(format.height * format.width);
  for (int attempt = 0; attempt < 100; ++attempt) {
    const double area =
        pixels * (kLeastArea + (kGreatestArea - kLeastArea) * random.Uniform());
    const double ratio =
        kLeastRatio + (1 / kLeastRatio - kLeastRatio) * random.Uniform();
    const auto height =
        static_cast<int64_t>(std::floor(std::sqrt(area * ratio) + 0.5));
    const auto width =
        static_cast<int64_t>(std::floor(std::sqrt(area / ratio) + 0.5));
    if (width < 1 || width > format.width || height < 1 ||
        height > format.height) {
      continue;
    }
    const int64_t top = random.Below(format.height - height + 1);
    const int64_t left = random.Below(format.width - width + 1);
    return {.top = top, .left = left, .height = height, .width = width};
  }
  return {};
}

void FillAtRandom(const ImageFormat& format, const ImageBox& box,
                  Random& random, uint8_t* image) {
  for (int64_t y = box.top; y < box.top + box.height; ++y) {
    uint8_t* row = image + (y * format.width + box.left) * format.channels;
    const int64_t bytes = box.width * format.channels;
    uint64_t bits = 0;
    for (int64_t i = 0; i < bytes; ++i, bits >>= 8) {
      if (i % 8 == 0) bits = random.Bits();
      row[i] = static_cast<uint8_t>(bits & 255);
    }
  }
}

}  // namespace lenslet
