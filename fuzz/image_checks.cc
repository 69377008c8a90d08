#include "lenslet/fuzz/image_checks.h"

#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/png.h"
#include "lenslet/fuzz/target_input.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxPixels = 1 << 13;

bool IsSame(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.span<uint8_t>() == b.span<uint8_t>();
}

}  // namespace

void CheckDecoder(DecodeFunction decode, ShapeFunction read_shape,
                  absl::string_view bytes) {
  const absl::StatusOr<Shape> header_shape =
      read_shape("image", bytes, kMaxPixels);
  if (!header_shape.ok()) CheckError(header_shape.status());
  const absl::StatusOr<Tensor> image = decode("image", bytes, kMaxPixels);
  if (!image.ok()) return CheckError(image.status());
  const Shape& shape = image->shape();
  LENSLET_CHECK(image->type() == ElementType::kUint8 && shape.rank() == 3);
  LENSLET_CHECK(header_shape.ok() && shape == *header_shape);
  LENSLET_CHECK(shape.dim(0) >= 1 && shape.dim(1) >= 1);
  LENSLET_CHECK(shape.dim(0) * shape.dim(1) <= kMaxPixels);
  LENSLET_CHECK(shape.dim(2) == 1 || shape.dim(2) == 3);
  LENSLET_CHECK(IsSame(*image, *decode("image", bytes, kMaxPixels)));
  LENSLET_CHECK(IsSame(*image, *DecodeImage("image", bytes)));
  const std::string png = *EncodePng(*image);
  LENSLET_CHECK(IsSame(*image, *DecodePng("image", png, kMaxPixels)));
}

}  // namespace lenslet
