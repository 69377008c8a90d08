// What decoders of image files take and return.

#ifndef LENSLET_DATA_DECODED_IMAGE_H_
#define LENSLET_DATA_DECODED_IMAGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// How an image comes to have another shape.
enum class ImageFit {
  kStretch,    // Resized to it.
  kLetterbox,  // Resized to fit in, in the middle of the background color.
  // The largest part in the middle that has the shape's proportions, resized.
  kCenterCrop,
};

struct DecodeOptions {
  // The maximum size of an image in memory, once decoded. Larger ones are
  // refused by their headers, before memory is allocated.
  int64_t max_bytes = int64_t{1} << 30;
  // The field of a recipe that sets it, for errors. "": none.
  const char* max_bytes_field = "";
  // Red, green and blue under transparent pixels. Under those of a gray image,
  // their brightness.
  std::array<uint8_t, 3> background = {255, 255, 255};
  // Whether an image whose samples have more than 8 bits keeps them, as floats.
  // Otherwise they become bytes.
  bool keep_long_samples = false;
  // The size that the image will be fitted to once upright; 0 if it will not
  // be. A JPEG file is then decoded to a half, a quarter or an eighth of its
  // size, whichever is the smallest that has at least twice this height and
  // width.
  int64_t height = 0;
  int64_t width = 0;
  ImageFit fit = ImageFit::kStretch;
  // An image is fitted to a size larger by so many pixels on each side, and cut
  // to its middle (data/crop_margin.h).
  int64_t margin = 0;
};

struct DecodedImage {
  // [height, width, 1] if the file is gray, otherwise [height, width, 3] (red,
  // green, blue). uint8; or float32 from 0 to 1, the largest sample that the
  // file's format allows, if options.keep_long_samples.
  Tensor image = {};
  // How to turn it upright (data/exif.h), or how it was stored if it has been.
  int orientation = 1;
  // The height and width in the file, if the image was decoded smaller.
  std::optional<std::pair<int64_t, int64_t>> full_size = {};
  // What is wrong with a file whose image could be decoded; empty if nothing.
  std::string warning = {};
};

// What a file's header says of its image.
struct ImageInfo {
  // Of DecodedImage::image.
  Shape shape = {1};
  int orientation = 1;
  // Whether samples have more than 8 bits.
  bool has_long_samples = false;
};

// Errors: InvalidArgument, naming the path, if an image of `width` x `height`
// pixels, both at least 1, takes more than options.max_bytes.
absl::Status CheckDecodedSize(const std::string& path, int64_t width,
                              int64_t height, int64_t bytes_per_pixel,
                              const DecodeOptions& options);

// Returns the brightness of a color: 0.299 red + 0.587 green + 0.114 blue
// (ITU-R BT.601), rounded to nearest.
inline uint8_t Brightness(const uint8_t* rgb) {
  return static_cast<uint8_t>(
      (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}

// Return an image of `pixels`, of shape [height, width, channels]: 1 for gray,
// 3 for colors, and one more for alpha. Pixels with alpha are composited over
// options.background. Of words, which reach from 0 to 65535, floats from 0 to
// 1. Errors: ResourceExhausted, naming the path.
absl::StatusOr<Tensor> ImageOfBytes(const std::string& path,
                                    const uint8_t* pixels, const Shape& shape,
                                    const DecodeOptions& options);
absl::StatusOr<Tensor> ImageOfWords(const std::string& path,
                                    const uint16_t* pixels, const Shape& shape,
                                    const DecodeOptions& options);

// Tensor::Create(), whose errors name the path.
absl::StatusOr<Tensor> CreateImage(const std::string& path, ElementType type,
                                   const Shape& shape);

}  // namespace lenslet

#endif  // LENSLET_DATA_DECODED_IMAGE_H_
