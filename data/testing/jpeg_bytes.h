// JPEG files, for tests.

#ifndef LENSLET_DATA_TESTING_JPEG_BYTES_H_
#define LENSLET_DATA_TESTING_JPEG_BYTES_H_

#include <string>

#include "tensor/tensor.h"

namespace lenslet {

// The bytes of a baseline JPEG file of the best quality. `image` is uint8 of
// shape [height, width, 3].
std::string JpegBytes(const Tensor& image);

// The bytes of a gray one, of 8 x 8 pixels that are all 128: a frame of one
// component, and a scan with a single coefficient that is 0.
std::string GrayJpegBytes();

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_JPEG_BYTES_H_
