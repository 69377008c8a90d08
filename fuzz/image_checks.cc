#include "lenslet/fuzz/image_checks.h"

#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/data/exif.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/png.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr DecodeOptions kOptions = {.max_bytes = 1 << 15};

bool IsSame(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.span<uint8_t>() == b.span<uint8_t>();
}

}  // namespace

void CheckDecoder(DecodeFunction decode, InfoFunction read_info,
                  absl::string_view bytes) {
  const absl::StatusOr<ImageInfo> info = read_info("image", bytes, kOptions);
  if (!info.ok()) CheckError(info.status());
  const absl::StatusOr<DecodedImage> decoded = decode("image", bytes, kOptions);
  if (!decoded.ok()) return CheckError(decoded.status());
  const Tensor& image = decoded->image;
  const Shape& shape = image.shape();
  LENSLET_CHECK(image.type() == ElementType::kUint8 && shape.rank() == 3);
  LENSLET_CHECK(info.ok() && shape == info->shape);
  LENSLET_CHECK(decoded->orientation == info->orientation);
  LENSLET_CHECK(decoded->orientation >= 1 && decoded->orientation <= 8);
  LENSLET_CHECK(shape.dim(0) >= 1 && shape.dim(1) >= 1);
  LENSLET_CHECK(shape.elements() <= kOptions.max_bytes);
  LENSLET_CHECK(shape.dim(2) == 1 || shape.dim(2) == 3);
  LENSLET_CHECK(IsSame(image, decode("image", bytes, kOptions)->image));
  const Tensor upright = *TurnUpright(image.Clone(), decoded->orientation);
  LENSLET_CHECK(IsSame(upright, *DecodeImage("image", bytes, kOptions)));
  if (info->has_long_samples) {
    DecodeOptions options = kOptions;
    options.keep_long_samples = true;
    // It may be damaged where bytes are read in another way.
    if (const auto kept = decode("image", bytes, options); kept.ok()) {
      LENSLET_CHECK(kept->image.shape() == shape);
      for (const float x : kept->image.span()) {
        LENSLET_CHECK(x >= 0 && x <= 1);
      }
    }
  }
  const std::string png = *EncodePng(image);
  LENSLET_CHECK(IsSame(image, DecodePng("image", png, kOptions)->image));
}

}  // namespace lenslet
