// JPEG files, for tests.

#ifndef LENSLET_DATA_TESTING_JPEG_BYTES_H_
#define LENSLET_DATA_TESTING_JPEG_BYTES_H_

#include <string>

#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct JpegKind {
  bool progressive = false;
  // Whether colors have half the resolution of brightness.
  bool subsampled = false;
  // Whether CMYK is stored as brightness, two differences of colors, and black.
  bool ycck = false;
};

// The bytes of a JPEG file of the best quality. `image` is uint8 of shape
// [height, width, channels]: 1 for gray, 3 for RGB, 4 for CMYK.
std::string JpegBytes(const Tensor& image, const JpegKind& kind = {});

// The bytes of a gray baseline one, of 8 x 8 pixels that are all 128: a frame
// of one component, and a scan with a single coefficient that is 0.
std::string GrayJpegBytes();

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_JPEG_BYTES_H_
