// PNG files, for tests.

#ifndef LENSLET_DATA_TESTING_PNG_BYTES_H_
#define LENSLET_DATA_TESTING_PNG_BYTES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The bytes of a PNG file. `image` is uint8 of shape [height, width, 1 to 4]:
// gray or color, with alpha where the channels are even.
std::string PngBytes(const Tensor& image);

// One chunk of a PNG file, its checksum right. `type` has four letters.
std::string PngChunk(absl::string_view type, absl::string_view data);

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_PNG_BYTES_H_
