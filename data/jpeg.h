// JPEG images, from the bytes of files.

#ifndef LENSLET_DATA_JPEG_H_
#define LENSLET_DATA_JPEG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The bytes that every JPEG file starts with.
constexpr absl::string_view kJpegSignature("\xff\xd8\xff", 3);

// Decodes the contents of a file that starts with kJpegSignature, baseline or
// progressive, to uint8 of shape [height, width, 1] if it is gray, [height,
// width, 3] otherwise. JPEG has no checksums: a damaged file may become a
// damaged image. `path` is only named in errors: DataLoss for a truncated or
// corrupt file; InvalidArgument for a kind that is not supported (lossless, 12
// bits, CMYK) and, before it is decoded, for more than `max_pixels`;
// ResourceExhausted.
absl::StatusOr<Tensor> DecodeJpeg(const std::string& path,
                                  absl::string_view bytes, int64_t max_pixels);

}  // namespace lenslet

#endif  // LENSLET_DATA_JPEG_H_
