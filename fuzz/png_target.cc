// Bytes as a PNG file: as an image, and as a mask, which has the same size.

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/data/exif.h"
#include "lenslet/data/png.h"
#include "lenslet/data/png_indices.h"
#include "lenslet/fuzz/image_checks.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void CheckMask(absl::string_view bytes) {
  const DecodeOptions options = {.max_bytes = int64_t{1} << 20};
  const absl::StatusOr<Tensor> mask =
      DecodePngIndices("mask.png", bytes, options);
  if (!mask.ok()) return CheckError(mask.status());
  const ImageInfo info = PngInfo("mask.png", bytes, options).value();
  const Shape shape = UprightShape(info.shape, info.orientation);
  LENSLET_CHECK(mask->shape() == Shape({shape.dim(0), shape.dim(1), 1}));
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  if (!absl::StartsWith(bytes, lenslet::kPngSignature)) return 0;
  lenslet::CheckDecoder(lenslet::DecodePng, lenslet::PngInfo, bytes);
  lenslet::CheckMask(bytes);
  return 0;
}
