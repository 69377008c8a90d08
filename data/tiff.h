// Decodes the first image of TIFF files.

#ifndef LENSLET_DATA_TIFF_H_
#define LENSLET_DATA_TIFF_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

// Whether a file that starts with these bytes is a TIFF or BigTIFF file.
bool IsTiff(absl::string_view bytes);

// Decodes the first image of such a file: gray, palette, RGB, YCbCr, CIE L*a*b*
// or CMYK, in strips or tiles, of any compression that libtiff was built with.
// Samples of 16 bits are kept if options.keep_long_samples, of gray and RGB
// images whose samples are stored together. The orientation is that of the tag.
// `path` is used only in errors. Errors: DataLoss for a truncated or corrupt
// file; InvalidArgument for an unsupported kind (floats, 32 bits) or an image
// that is too large; ResourceExhausted.
absl::StatusOr<DecodedImage> DecodeTiff(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options = {});

// Returns what the directory of such a file says, which may be anywhere in it.
// Errors: as DecodeTiff() about the directory.
absl::StatusOr<ImageInfo> TiffInfo(const std::string& path,
                                   absl::string_view bytes,
                                   const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_TIFF_H_
