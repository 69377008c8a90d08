// BMP, GIF, TIFF and WebP files, and PNG files of 16 bits, for tests.

#ifndef LENSLET_DATA_TESTING_FORMAT_BYTES_H_
#define LENSLET_DATA_TESTING_FORMAT_BYTES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// A BMP file of 24 bits per pixel. `image` is uint8 [height, width, 3].
std::string BmpBytes(const Tensor& image);

// A GIF file. `image` is uint8 [height, width, 1]: indices, below 4, of the
// colors black, red, green and blue. Index `transparent` is transparent, if it
// is not negative.
std::string GifBytes(const Tensor& image, int transparent = -1);

struct TiffKind {
  int orientation = 1;
  bool is_tiled = false;  // In tiles of 16 x 16.
  bool is_planar = false;
  // The least sample is white.
  bool is_white_zero = false;
  // The last channel is alpha.
  bool has_alpha = false;
  bool is_big_endian = false;
};

// TIFF files, compressed with LZW, of bytes or of words of shape [height,
// width, channels]: 1 for gray, 3 for colors, 4 for inks, unless alpha is one.
std::string TiffBytes(const Tensor& image, const TiffKind& kind = {});
std::string TiffBytes(const std::vector<uint16_t>& words, const Shape& shape,
                      const TiffKind& kind = {});

// A lossless WebP file. `image` is uint8 [height, width, 3 or 4]. EXIF data is
// added if it is not empty.
std::string WebpBytes(const Tensor& image, const std::string& exif = "");

// The same as the first frame of an animation, at (`x`, `y`), which are even,
// of a canvas of `width` x `height`.
std::string AnimatedWebpBytes(const Tensor& image, int x, int y, int width,
                              int height);

// A PNG file of 16-bit samples, of shape [height, width, 1 to 4].
std::string LongPngBytes(const std::vector<uint16_t>& words,
                         const Shape& shape);

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_FORMAT_BYTES_H_
