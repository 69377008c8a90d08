#include "lenslet/data/decoded_image.h"

#include "absl/strings/str_cat.h"

namespace lenslet {

absl::Status CheckDecodedSize(const std::string& path, int64_t width,
                              int64_t height, int64_t bytes_per_pixel,
                              int64_t max_bytes) {
  if (height <= max_bytes / bytes_per_pixel / width) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": has ", width, " x ", height, " pixels of ",
                   bytes_per_pixel, bytes_per_pixel == 1 ? " byte" : " bytes",
                   "; expected at most ", max_bytes, " bytes in all"));
}

void CompositeOverBackground(const uint8_t* pixels, int64_t count,
                             int64_t channels, const DecodeOptions& options,
                             uint8_t* out) {
  std::array<uint8_t, 3> under = options.background;
  if (channels == 1) under[0] = Brightness(options.background.data());
  for (int64_t i = 0; i < count; ++i) {
    const int alpha = pixels[channels];
    for (int64_t c = 0; c < channels; ++c) {
      *out++ = static_cast<uint8_t>(
          (pixels[c] * alpha + under[c] * (255 - alpha) + 127) / 255);
    }
    pixels += channels + 1;
  }
}

}  // namespace lenslet
