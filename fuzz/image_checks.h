// What holds of every decoder of images.

#ifndef LENSLET_FUZZ_IMAGE_CHECKS_H_
#define LENSLET_FUZZ_IMAGE_CHECKS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/decoded_image.h"

namespace lenslet {

using DecodeFunction = absl::StatusOr<DecodedImage> (*)(
    const std::string& path, absl::string_view bytes,
    const DecodeOptions& options);

using InfoFunction = absl::StatusOr<ImageInfo> (*)(
    const std::string& path, absl::string_view bytes,
    const DecodeOptions& options);

// Decodes the bytes. Aborts if that gives neither an error that CheckError()
// (fuzz/target_input.h) accepts nor an image of at most 2^15 bytes; if a
// second time gives another image, so that there are no bytes in it that nobody
// wrote; if DecodeImage() (data/image_file.h) does not give the same one,
// turned upright; if `read_info` gives another shape or orientation than those
// of the image, or another error than CheckError() accepts; or if the image
// does not go through EncodePng() unchanged.
void CheckDecoder(DecodeFunction decode, InfoFunction read_info,
                  absl::string_view bytes);

}  // namespace lenslet

#endif  // LENSLET_FUZZ_IMAGE_CHECKS_H_
