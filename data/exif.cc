#include "lenslet/data/exif.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShort = 3;
constexpr size_t kEntryBytes = 12;

// Numbers of either byte order.
class TiffReader {
 public:
  TiffReader(absl::string_view bytes, bool is_big_endian)
      : bytes_(bytes), is_big_endian_(is_big_endian) {}

  bool Has(size_t offset, size_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }

  // 0 past the end.
  uint32_t Read(size_t offset, int count) const {
    if (!Has(offset, count)) return 0;
    uint32_t value = 0;
    for (int i = 0; i < count; ++i) {
      const int at = is_big_endian_ ? i : count - 1 - i;
      value = value << 8 | static_cast<uint8_t>(bytes_[offset + at]);
    }
    return value;
  }

 private:
  absl::string_view bytes_;
  bool is_big_endian_;
};

bool SwapsSides(int orientation) { return orientation >= 5; }

// `Bytes` are those of a pixel; 0 means `pixel_bytes`.
template <int Bytes>
void CopyTurned(const uint8_t* in, int64_t height, int64_t width,
                int64_t pixel_bytes, int orientation, uint8_t* out) {
  const int64_t size = Bytes > 0 ? Bytes : pixel_bytes;
  // Whether the stored rows, or columns, are read from the last.
  const bool rows_back = orientation == 3 || orientation == 4 ||
                         orientation == 6 || orientation == 7;
  const bool columns_back = orientation == 2 || orientation == 3 ||
                            orientation == 7 || orientation == 8;
  const int64_t row_step = rows_back ? -width * size : width * size;
  const int64_t column_step = columns_back ? -size : size;
  const uint8_t* first = in + (rows_back ? (height - 1) * width * size : 0) +
                         (columns_back ? (width - 1) * size : 0);
  if (!SwapsSides(orientation)) {
    for (int64_t row = 0; row < height; ++row) {
      const uint8_t* from = first + row * row_step;
      for (int64_t column = 0; column < width; ++column) {
        std::memcpy(out, from, size);
        out += size;
        from += column_step;
      }
    }
    return;
  }
  // Square by square, so that what both sides touch stays in the cache.
  constexpr int64_t kSide = 32;
  for (int64_t left = 0; left < width; left += kSide) {
    for (int64_t top = 0; top < height; top += kSide) {
      const int64_t right = std::min(left + kSide, width);
      const int64_t bottom = std::min(top + kSide, height);
      for (int64_t column = left; column < right; ++column) {
        const uint8_t* from = first + column * column_step + top * row_step;
        uint8_t* to = out + (column * height + top) * size;
        for (int64_t row = top; row < bottom; ++row) {
          std::memcpy(to, from, size);
          to += size;
          from += row_step;
        }
      }
    }
  }
}

}  // namespace

int ExifOrientation(absl::string_view exif) {
  absl::ConsumePrefix(&exif, absl::string_view("Exif\0\0", 6));
  const bool is_big_endian = absl::StartsWith(exif, "MM");
  if (!is_big_endian && !absl::StartsWith(exif, "II")) return 1;
  const TiffReader tiff(exif, is_big_endian);
  if (tiff.Read(2, 2) != 42) return 1;
  const size_t directory = tiff.Read(4, 4);
  const size_t entries = tiff.Read(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (!tiff.Has(entry, kEntryBytes)) return 1;
    if (tiff.Read(entry, 2) != kOrientationTag) continue;
    const uint32_t value =
        tiff.Read(entry + 8, tiff.Read(entry + 2, 2) == kShort ? 2 : 4);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Shape UprightShape(const Shape& shape, int orientation) {
  if (!SwapsSides(orientation)) return shape;
  return {shape.dim(1), shape.dim(0), shape.dim(2)};
}

absl::StatusOr<Tensor> TurnUpright(Tensor image, int orientation) {
  if (orientation == 1) return image;
  const Shape& shape = image.shape();
  LENSLET_ASSIGN_OR_RETURN(
      Tensor upright,
      Tensor::Create(image.type(), UprightShape(shape, orientation)));
  const int64_t pixel_bytes = shape.dim(2) * SizeOf(image.type());
  const auto copy = pixel_bytes == 1   ? CopyTurned<1>
                    : pixel_bytes == 3 ? CopyTurned<3>
                                       : CopyTurned<0>;
  const bool is_bytes = image.type() == ElementType::kUint8;
  copy(is_bytes ? image.data<uint8_t>()
                : reinterpret_cast<const uint8_t*>(image.data<float>()),
       shape.dim(0), shape.dim(1), pixel_bytes, orientation,
       is_bytes ? upright.data<uint8_t>()
                : reinterpret_cast<uint8_t*>(upright.data<float>()));
  return upright;
}

}  // namespace lenslet
