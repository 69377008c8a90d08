// Binary PGM and PPM images.

#ifndef LENSLET_DATA_PNM_H_
#define LENSLET_DATA_PNM_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Decodes the contents of a file that starts with "P5" (gray) or "P6" (colour)
// to uint8 of shape [height, width, 1 or 3]. Samples from 0 to the file's
// largest value, which may have 8 or 16 bits, become 0 to 255. `path` is only
// named in errors: DataLoss if `bytes` end early or late (a second image is not
// read) or a sample is larger than the largest, InvalidArgument for a
// header that is not one, a size of zero or more than `max_pixels`.
absl::StatusOr<Tensor> DecodePnm(const std::string& path,
                                 absl::string_view bytes, int64_t max_pixels);

}  // namespace lenslet

#endif  // LENSLET_DATA_PNM_H_
