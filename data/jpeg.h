// Decodes JPEG images.

#ifndef LENSLET_DATA_JPEG_H_
#define LENSLET_DATA_JPEG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The bytes that every JPEG file starts with.
constexpr absl::string_view kJpegSignature("\xff\xd8\xff", 3);

// Decodes the contents of a file that starts with kJpegSignature, baseline or
// progressive. Returns uint8 of shape [height, width, 1] if the image is gray,
// otherwise [height, width, 3]. JPEG has no checksums, so a damaged file may
// decode to a damaged image. `path` is used only in errors. Errors: DataLoss
// for a truncated or corrupt file; InvalidArgument for an unsupported kind
// (lossless, 12 bits, CMYK) or, before decoding, for more than `max_pixels`;
// ResourceExhausted.
absl::StatusOr<Tensor> DecodeJpeg(const std::string& path,
                                  absl::string_view bytes, int64_t max_pixels);

// Returns the shape of the image that DecodeJpeg() decodes, [height, width, 1
// or 3]. `bytes` may be the start of a file, with its header. Errors: as
// DecodeJpeg() about the header; DataLoss if the header is not complete.
absl::StatusOr<Shape> JpegShape(const std::string& path,
                                absl::string_view bytes, int64_t max_pixels);

}  // namespace lenslet

#endif  // LENSLET_DATA_JPEG_H_
