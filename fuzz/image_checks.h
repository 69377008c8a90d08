// What holds of every decoder of images.

#ifndef LENSLET_FUZZ_IMAGE_CHECKS_H_
#define LENSLET_FUZZ_IMAGE_CHECKS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

using DecodeFunction = absl::StatusOr<Tensor> (*)(const std::string& path,
                                                  absl::string_view bytes,
                                                  int64_t max_pixels);

using ShapeFunction = absl::StatusOr<Shape> (*)(const std::string& path,
                                                absl::string_view bytes,
                                                int64_t max_pixels);

// Decodes the bytes. Aborts if that gives neither an error that CheckError()
// (fuzz/target_input.h) accepts nor an image of at most 2^13 pixels; if a
// second time gives another image, so that there are no bytes in it that nobody
// wrote; if DecodeImage() (data/image_file.h) gives another one; if
// `read_shape` gives another shape than that of the image, or another error
// than CheckError() accepts; or if the image does not go through EncodePng()
// unchanged.
void CheckDecoder(DecodeFunction decode, ShapeFunction read_shape,
                  absl::string_view bytes);

}  // namespace lenslet

#endif  // LENSLET_FUZZ_IMAGE_CHECKS_H_
