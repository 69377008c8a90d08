// Decodes and encodes PNG images.

#ifndef LENSLET_DATA_PNG_H_
#define LENSLET_DATA_PNG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The bytes that every PNG file starts with.
constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);

// Decodes the contents of a file that starts with kPngSignature. Bytes are the
// upper 8 bits of 16-bit samples. Pixels of a color that the palette lacks are
// black. The orientation is PngOrientation() (data/png_exif.h). `path` is used
// only in errors. Errors: DataLoss for a truncated or corrupt file, also one
// whose data is too short for its size whatever it inflates to; InvalidArgument
// for an image that is too large; ResourceExhausted.
absl::StatusOr<DecodedImage> DecodePng(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options = {});

// Returns what the header of such a file says. `bytes` may be the start of a
// file: 33 bytes, and the EXIF data if the orientation counts. Errors: as
// DecodePng() about the size.
absl::StatusOr<ImageInfo> PngInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options = {});

// Returns the contents of a file that DecodePng() decodes to `image`. `image`
// is uint8 of shape [height, width, 1] (gray) or [height, width, 3] (red,
// green, blue), with 8 bits per sample. The same image gives the same bytes.
// Errors: InvalidArgument for another element type or shape, no pixels, more
// than 2^24 pixels, or a row of 2^24 samples or more; ResourceExhausted.
absl::StatusOr<std::string> EncodePng(const Tensor& image);

}  // namespace lenslet

#endif  // LENSLET_DATA_PNG_H_
