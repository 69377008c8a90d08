// Decodes JPEG images.

#ifndef LENSLET_DATA_JPEG_H_
#define LENSLET_DATA_JPEG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

// The bytes that every JPEG file starts with.
constexpr absl::string_view kJpegSignature("\xff\xd8\xff", 3);

// Decodes the contents of a file that starts with kJpegSignature, baseline or
// progressive, gray, RGB, YCbCr, CMYK or YCCK. Inks become colors without a
// color profile: red is 255 (1 - cyan) (1 - black), and so on; Adobe's files
// have them inverted. JPEG has no checksums, so a damaged file may decode to a
// damaged image. It is decoded smaller if options.height and options.width say
// so. `warning` is the decoder's first complaint. The orientation is
// that of the EXIF data. `path` is used only in errors. Errors: DataLoss for a
// truncated file or one that cannot be decoded; InvalidArgument for an
// unsupported kind (lossless, 12 bits) or, before decoding, for an image that
// is too large; ResourceExhausted.
absl::StatusOr<DecodedImage> DecodeJpeg(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options = {});

// Returns what the header of such a file says. `bytes` may be the start of a
// file, with its header. Errors: as DecodeJpeg() about the header; DataLoss if
// the header is not complete.
absl::StatusOr<ImageInfo> JpegInfo(const std::string& path,
                                   absl::string_view bytes,
                                   const DecodeOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_JPEG_H_
