#include "lenslet/inspect/heat_map.h"

#include <algorithm>
#include <cmath>

#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

constexpr double kOpacity = 0.7;

}  // namespace

absl::StatusOr<Tensor> ResizeMap(const Tensor& map, int64_t height,
                                 int64_t width) {
  const int64_t from_height = map.shape().dim(0);
  const int64_t from_width = map.shape().dim(1);
  LENSLET_ASSIGN_OR_RETURN(
      Tensor resized, Tensor::Create(ElementType::kFloat32, {height, width}));
  // The place in the map of a pixel's center.
  const auto place = [](int64_t i, int64_t from, int64_t to) {
    const double at = (static_cast<double>(i) + 0.5) *
                          static_cast<double>(from) / static_cast<double>(to) -
                      0.5;
    return std::clamp(at, 0.0, static_cast<double>(from - 1));
  };
  for (int64_t y = 0; y < height; ++y) {
    const double from_y = place(y, from_height, height);
    const auto top = static_cast<int64_t>(from_y);
    const int64_t bottom = std::min(top + 1, from_height - 1);
    const double lower = from_y - static_cast<double>(top);
    for (int64_t x = 0; x < width; ++x) {
      const double from_x = place(x, from_width, width);
      const auto left = static_cast<int64_t>(from_x);
      const int64_t right = std::min(left + 1, from_width - 1);
      const double later = from_x - static_cast<double>(left);
      const auto row = [&](int64_t r) {
        const float* numbers = map.data() + r * from_width;
        return numbers[left] * (1 - later) + numbers[right] * later;
      };
      resized.data()[y * width + x] =
          static_cast<float>(row(top) * (1 - lower) + row(bottom) * lower);
    }
  }
  return resized;
}

absl::StatusOr<Tensor> HeatMap(const Tensor& image, const Tensor& map) {
  if (image.type() == ElementType::kFloat32) {
    return HeatMap(BytesOfNumbers(image), map);
  }
  const int64_t height = image.shape().dim(0), width = image.shape().dim(1);
  const int64_t channels = image.shape().dim(2);
  LENSLET_ASSIGN_OR_RETURN(const Tensor heat, ResizeMap(map, height, width));
  LENSLET_ASSIGN_OR_RETURN(
      Tensor picture, Tensor::Create(ElementType::kUint8, {height, width, 3}));
  const ValueRange range = FiniteRange(heat.span());
  const double largest = std::max(std::abs(range.min), std::abs(range.max));
  for (int64_t i = 0; i < height * width; ++i) {
    const uint8_t* pixel = image.data<uint8_t>() + i * channels;
    const double gray =
        channels == 3 ? 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
                      : pixel[0];
    const float value = heat.data()[i];
    const double opacity =
        largest > 0 && std::isfinite(value)
            ? kOpacity * std::abs(static_cast<double>(value)) / largest
            : 0;
    // The map's end colors: white would hide the image.
    const Color color = ColorOf(value < 0 ? -1 : 1, ColorMap::kDiverging,
                                {.min = -1, .max = 1});
    for (int c = 0; c < 3; ++c) {
      picture.data<uint8_t>()[3 * i + c] = static_cast<uint8_t>(
          std::lround(gray * (1 - opacity) + color[c] * opacity));
    }
  }
  return picture;
}

absl::StatusOr<Tensor> Enlarged(const Tensor& picture) {
  const int64_t height = picture.shape().dim(0);
  const int64_t width = picture.shape().dim(1);
  const int64_t zoom =
      std::clamp<int64_t>(640 / std::max(height, width), 1, 64);
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           Shape::Create({height * zoom, width * zoom, 3}));
  LENSLET_ASSIGN_OR_RETURN(Tensor large,
                           Tensor::Create(ElementType::kUint8, shape));
  uint8_t* to = large.data<uint8_t>();
  for (int64_t y = 0; y < height * zoom; ++y) {
    for (int64_t x = 0; x < width * zoom; ++x, to += 3) {
      const uint8_t* from =
          picture.data<uint8_t>() + 3 * (y / zoom * width + x / zoom);
      std::copy_n(from, 3, to);
    }
  }
  return large;
}

}  // namespace lenslet
