// Decodes binary PGM and PPM images.

#ifndef LENSLET_DATA_PNM_H_
#define LENSLET_DATA_PNM_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

// Decodes the contents of a file that starts with "P5" (gray) or "P6" (color).
// Samples of 8 or 16 bits are scaled from [0, the file's maximum value] to [0,
// 255], or to [0, 1] as floats. `path` is used only in errors. Errors: DataLoss
// if `bytes` are too few or too many (a second image is not read), or a sample
// exceeds the maximum; InvalidArgument for an invalid header, a size of zero or
// an image that is too large.
absl::StatusOr<DecodedImage> DecodePnm(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options = {});

// Returns what the header of such a file says. `bytes` may be the start of a
// file, with its header. Errors: as DecodePnm() about the header.
absl::StatusOr<ImageInfo> PnmInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_PNM_H_
