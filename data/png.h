// Decodes and encodes PNG images.

#ifndef LENSLET_DATA_PNG_H_
#define LENSLET_DATA_PNG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The bytes that every PNG file starts with.
constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);

// Decodes the contents of a file that starts with kPngSignature. Returns uint8
// of shape [height, width, 1] if the image is gray, otherwise [height, width,
// 3]. Keeps the upper 8 bits of 16-bit samples. Composites transparent pixels
// over black. Pixels of a color that the palette lacks are black. `path` is
// used only in errors. Errors: DataLoss for a truncated or corrupt file;
// InvalidArgument for more than `max_pixels`, which is at most 2^24.
absl::StatusOr<Tensor> DecodePng(const std::string& path,
                                 absl::string_view bytes, int64_t max_pixels);

// Returns the shape of the image that DecodePng() decodes, [height, width, 1 or
// 3]. Reads only the file's first 33 bytes, so `bytes` may be the start of a
// file. Errors: as DecodePng() about these bytes.
absl::StatusOr<Shape> PngShape(const std::string& path, absl::string_view bytes,
                               int64_t max_pixels);

// Returns the contents of a file that DecodePng() decodes to `image`. `image`
// is uint8 of shape [height, width, 1] (gray) or [height, width, 3] (red,
// green, blue), with 8 bits per sample. The same image gives the same bytes.
// Errors: InvalidArgument for another element type or shape, no pixels, more
// than 2^24 pixels, or a row of 2^24 samples or more; ResourceExhausted.
absl::StatusOr<std::string> EncodePng(const Tensor& image);

}  // namespace lenslet

#endif  // LENSLET_DATA_PNG_H_
