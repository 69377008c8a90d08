// Decodes WebP images.

#ifndef LENSLET_DATA_WEBP_H_
#define LENSLET_DATA_WEBP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

// Whether a file that starts with these bytes is a WebP file.
bool IsWebp(absl::string_view bytes);

// Decodes such a file, lossy or lossless, to colors; of an animation, the first
// frame, around which the image is transparent. The orientation is that of the
// chunk EXIF. `path` is used only in errors. Errors: DataLoss for a truncated
// or corrupt file; InvalidArgument for an image that is too large;
// ResourceExhausted.
absl::StatusOr<DecodedImage> DecodeWebp(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options = {});

// Returns what the chunks of such a file say; some are at its end. Errors: as
// DecodeWebp() about the chunks.
absl::StatusOr<ImageInfo> WebpInfo(const std::string& path,
                                   absl::string_view bytes,
                                   const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_WEBP_H_
