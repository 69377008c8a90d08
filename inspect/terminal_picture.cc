#include "lenslet/inspect/terminal_picture.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/data/image_file.h"
#include "lenslet/inspect/color_map.h"

namespace lenslet {
namespace {

// From dark to bright.
constexpr absl::string_view kRamp = " .:-=+*#%@";

}  // namespace

std::string TerminalPicture(const Tensor& image, int max_columns) {
  LENSLET_CHECK(image.shape().rank() == 3 && max_columns >= 1);
  const Tensor gray = ToGray(image);
  const int64_t height = gray.shape().dim(0);
  const int64_t width = gray.shape().dim(1);
  const int64_t step = (width + max_columns - 1) / max_columns;
  const View<const uint8_t> pixels = gray.view<uint8_t>();
  std::string picture;
  for (int64_t h = 0; h < height; h += 2 * step) {
    const int64_t below = std::min(h + step, height - 1);
    for (int64_t w = 0; w < width; w += step) {
      const int sum = pixels.at({h, w, 0}) + pixels.at({below, w, 0});
      picture += kRamp[sum * (kRamp.size() - 1) / (2 * 255)];
    }
    picture.erase(picture.find_last_not_of(' ') + 1);
    picture += '\n';
  }
  return picture;
}

std::string ExamplePicture(const Tensor& example, int max_columns) {
  const Shape& shape = example.shape();
  if (example.empty() || example.type() != ElementType::kUint8) return "";
  if (shape.rank() == 2) {
    Tensor gray({shape.dim(0), shape.dim(1), 1}, ElementType::kUint8);
    const absl::Span<const uint8_t> pixels = example.span<uint8_t>();
    std::copy(pixels.begin(), pixels.end(), gray.data<uint8_t>());
    return TerminalPicture(gray, max_columns);
  }
  if (shape.rank() == 3 && (shape.dim(2) == 1 || shape.dim(2) == 3)) {
    return TerminalPicture(example, max_columns);
  }
  return "";
}

std::string TerminalPicture(View<const float> map, int max_columns) {
  LENSLET_CHECK(map.shape().rank() == 2);
  return TerminalPicture(ColorImage(map), max_columns);
}

}  // namespace lenslet
