// PNG images, from and to the bytes of files.

#ifndef LENSLET_DATA_PNG_H_
#define LENSLET_DATA_PNG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The bytes that every PNG file starts with.
constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);

// Decodes the contents of a file that starts with kPngSignature to uint8 of
// shape [height, width, 1] if it is gray, [height, width, 3] otherwise. Of
// 16-bit samples the upper 8 bits are taken; transparent pixels are laid over
// black; pixels of a colour that the palette lacks are black. `path` is only
// named in errors: DataLoss for a truncated or corrupt file, InvalidArgument
// for more than `max_pixels`, which is at most 2^24.
absl::StatusOr<Tensor> DecodePng(const std::string& path,
                                 absl::string_view bytes, int64_t max_pixels);

// The contents of a file that DecodePng() turns into `image` again: uint8 of
// shape [height, width, 1] (gray) or [height, width, 3] (red, green, blue), 8
// bits a sample. The same image gives the same bytes. Errors: InvalidArgument
// for elements of another type, another shape, no pixels, more than 2^24 of
// them, or a row of 2^24 samples or more; ResourceExhausted.
absl::StatusOr<std::string> EncodePng(const Tensor& image);

}  // namespace lenslet

#endif  // LENSLET_DATA_PNG_H_
