#include "lenslet/data/decoded_image.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

// What is under transparent pixels.
std::array<uint8_t, 3> Under(int64_t colors, const DecodeOptions& options) {
  std::array<uint8_t, 3> under = options.background;
  if (colors == 1) under[0] = Brightness(options.background.data());
  return under;
}

}  // namespace

absl::Status CheckDecodedSize(const std::string& path, int64_t width,
                              int64_t height, int64_t bytes_per_pixel,
                              const DecodeOptions& options) {
  if (height <= options.max_bytes / bytes_per_pixel / width) {
    return absl::OkStatus();
  }
  const absl::string_view field = options.max_bytes_field;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": has ", width, " x ", height, " pixels of ",
                   bytes_per_pixel, bytes_per_pixel == 1 ? " byte" : " bytes",
                   "; expected at most ", options.max_bytes, " bytes in all",
                   field.empty() ? "" : ", or a larger ", field));
}

absl::StatusOr<Tensor> CreateImage(const std::string& path, ElementType type,
                                   const Shape& shape) {
  absl::StatusOr<Tensor> image = Tensor::Create(type, shape);
  if (image.ok()) return image;
  return absl::ResourceExhaustedError(
      absl::StrCat(path, ": ", image.status().message()));
}

absl::StatusOr<Tensor> ImageOfBytes(const std::string& path,
                                    const uint8_t* pixels, const Shape& shape,
                                    const DecodeOptions& options) {
  const int64_t colors = shape.dim(2) <= 2 ? 1 : 3;
  LENSLET_ASSIGN_OR_RETURN(Tensor image,
                           CreateImage(path, ElementType::kUint8,
                                       {shape.dim(0), shape.dim(1), colors}));
  uint8_t* out = image.data<uint8_t>();
  if (shape.dim(2) == colors) {
    std::copy(pixels, pixels + shape.elements(), out);
    return image;
  }
  const std::array<uint8_t, 3> under = Under(colors, options);
  const uint8_t* const end = pixels + shape.elements();
  for (; pixels != end; pixels += colors + 1) {
    const int alpha = pixels[colors];
    for (int64_t c = 0; c < colors; ++c) {
      *out++ = static_cast<uint8_t>(
          (pixels[c] * alpha + under[c] * (255 - alpha) + 127) / 255);
    }
  }
  return image;
}

absl::StatusOr<Tensor> ImageOfWords(const std::string& path,
                                    const uint16_t* pixels, const Shape& shape,
                                    const DecodeOptions& options) {
  constexpr float kMost = 65535;
  const int64_t colors = shape.dim(2) <= 2 ? 1 : 3;
  const bool has_alpha = shape.dim(2) != colors;
  LENSLET_ASSIGN_OR_RETURN(Tensor image,
                           CreateImage(path, ElementType::kFloat32,
                                       {shape.dim(0), shape.dim(1), colors}));
  float* out = image.data();
  const std::array<uint8_t, 3> under = Under(colors, options);
  const uint16_t* const end = pixels + shape.elements();
  for (; pixels != end; pixels += shape.dim(2)) {
    for (int64_t c = 0; c < colors; ++c) {
      const float sample = static_cast<float>(pixels[c]) / kMost;
      if (!has_alpha || pixels[colors] == 65535) {
        *out++ = sample;
        continue;
      }
      const float alpha = static_cast<float>(pixels[colors]) / kMost;
      *out++ =
          sample * alpha + static_cast<float>(under[c]) / 255 * (1 - alpha);
    }
  }
  return image;
}

}  // namespace lenslet
