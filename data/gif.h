// Decodes the first frame of GIF images.

#ifndef LENSLET_DATA_GIF_H_
#define LENSLET_DATA_GIF_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

// What every GIF file starts with, before its version.
constexpr absl::string_view kGifSignature = "GIF8";

// Decodes the first frame of a file that starts with kGifSignature, to colors.
// What the frame does not cover is transparent, or has the background color
// that the file names. GIF has no checksums, so a damaged file may decode to a
// damaged image. `path` is used only in errors. Errors: DataLoss for a file
// that is truncated in its first frame, has none or is corrupt; InvalidArgument
// for an image that is too large; ResourceExhausted.
absl::StatusOr<DecodedImage> DecodeGif(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options = {});

// Returns what the header of such a file says. `bytes` may be the start of a
// file, with its header. Errors: as DecodeGif() about the header.
absl::StatusOr<ImageInfo> GifInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_GIF_H_
