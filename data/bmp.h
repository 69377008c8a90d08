// Decodes BMP images.

#ifndef LENSLET_DATA_BMP_H_
#define LENSLET_DATA_BMP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

// Whether a file that starts with these bytes is a BMP file: "BM", two reserved
// zeros, and a header of a known size.
bool IsBmp(absl::string_view bytes);

// Decodes the contents of such a file, uncompressed with 1 to 32 bits per
// pixel, to colors. `path` is used only in errors. Errors: DataLoss for a
// truncated or corrupt file; InvalidArgument for a compressed one or an image
// that is too large; ResourceExhausted.
absl::StatusOr<DecodedImage> DecodeBmp(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options = {});

// Returns what the header of such a file says. `bytes` may be the start of a
// file, with its header. Errors: as DecodeBmp() about the header.
absl::StatusOr<ImageInfo> BmpInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_BMP_H_
