// Decodes binary PGM and PPM images.

#ifndef LENSLET_DATA_PNM_H_
#define LENSLET_DATA_PNM_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Decodes the contents of a file that starts with "P5" (gray) or "P6" (color).
// Returns uint8 of shape [height, width, 1 or 3]. Samples of 8 or 16 bits are
// scaled from [0, the file's maximum value] to [0, 255]. `path` is used only in
// errors. Errors: DataLoss if `bytes` are too few or too many (a second image
// is not read), or a sample exceeds the maximum; InvalidArgument for an invalid
// header, a size of zero or more than `max_pixels`.
absl::StatusOr<Tensor> DecodePnm(const std::string& path,
                                 absl::string_view bytes, int64_t max_pixels);

// Returns the shape of the image that DecodePnm() decodes. `bytes` may be the
// start of a file, with its header. Errors: as DecodePnm() about the header.
absl::StatusOr<Shape> PnmShape(const std::string& path, absl::string_view bytes,
                               int64_t max_pixels);

}  // namespace lenslet

#endif  // LENSLET_DATA_PNM_H_
