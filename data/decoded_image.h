// What decoders of image files take and return.

#ifndef LENSLET_DATA_DECODED_IMAGE_H_
#define LENSLET_DATA_DECODED_IMAGE_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct DecodeOptions {
  // The maximum size of an image in memory, once decoded. Larger ones are
  // refused by their headers, before memory is allocated.
  int64_t max_bytes = int64_t{1} << 30;
  // Red, green and blue under transparent pixels. Under those of a gray image,
  // their brightness.
  std::array<uint8_t, 3> background = {255, 255, 255};
};

struct DecodedImage {
  // uint8 [height, width, 1] if the file is gray, otherwise [height, width, 3]
  // (red, green, blue).
  Tensor image;
  // How to turn it upright (data/exif.h).
  int orientation = 1;
  // What is wrong with a file whose image could be decoded; empty if nothing.
  std::string warning = {};
};

// What a file's header says of its image.
struct ImageInfo {
  // Of DecodedImage::image.
  Shape shape = {1};
  int orientation = 1;
};

// Errors: InvalidArgument, naming the path, if an image of `width` x `height`
// pixels, both at least 1, takes more than `max_bytes`.
absl::Status CheckDecodedSize(const std::string& path, int64_t width,
                              int64_t height, int64_t bytes_per_pixel,
                              int64_t max_bytes);

// Returns the brightness of a color: 0.299 red + 0.587 green + 0.114 blue
// (ITU-R BT.601), rounded to nearest.
inline uint8_t Brightness(const uint8_t* rgb) {
  return static_cast<uint8_t>(
      (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}

// Composites `count` pixels of 1 (gray) or 3 channels, followed by alpha, over
// options.background, and writes them to `out` without alpha.
void CompositeOverBackground(const uint8_t* pixels, int64_t count,
                             int64_t channels, const DecodeOptions& options,
                             uint8_t* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_DECODED_IMAGE_H_
