// Reads the numbers in a PNG file that is a mask: gray levels, or indices of a
// palette, which stand for classes and not for colors.

#ifndef LENSLET_DATA_PNG_INDICES_H_
#define LENSLET_DATA_PNG_INDICES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns the numbers, uint8 of shape [height, width, 1], upright
// (data/exif.h): of a file with a palette, the indices; of a gray file with 1,
// 2, 4 or 8 bits a pixel, numbers up to 1, 3, 15 or 255; with 16 bits, numbers
// up to 255 as well; of a file of colors whose red, green and blue are equal in
// each pixel, that number. An alpha channel must be opaque everywhere. What the
// file says of one transparent color, and of the palette's colors, does not
// matter. `path` is used only in errors. Errors: InvalidArgument for a file
// that is not PNG, has other colors without a palette, transparent pixels, or
// larger numbers; as DecodePng() (data/png.h).
absl::StatusOr<Tensor> DecodePngIndices(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_PNG_INDICES_H_
