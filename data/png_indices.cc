#include "lenslet/data/png_indices.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/big_endian.h"
#include "lenslet/data/exif.h"
#include "lenslet/data/png.h"

namespace lenslet {
namespace {

// Of the IHDR chunk, which is the first: a file's bytes 24 and 25.
constexpr size_t kIndexDepthAt = 24;
constexpr size_t kIndexColorAt = 25;
constexpr size_t kIndexHeaderBytes = 33;
constexpr char kGrayPixels = 0;
constexpr char kPalettePixels = 3;
constexpr char kGrayPixelsWithAlpha = 4;
constexpr char kColorPixelsWithAlpha = 6;
// Of a chunk: its length and type before its data, its checksum after it.
constexpr size_t kBeforeChunk = 8;
constexpr size_t kAfterChunk = 4;

uint32_t ChunkChecksum(absl::string_view chunk, size_t length) {
  return crc32(0, reinterpret_cast<const Bytef*>(chunk.data() + 4),
               static_cast<uInt>(4 + length));
}

// Replaces a byte of the chunk at `offset`, and its checksum. A chunk whose
// checksum is wrong stays as it is, for the decoder to refuse.
void ChangeChunk(size_t offset, size_t length, size_t byte, char value,
                 std::string& bytes) {
  const absl::string_view chunk = absl::string_view(bytes).substr(offset);
  const size_t checksum_at = kBeforeChunk + length;
  if (ChunkChecksum(chunk, length) != BigEndian32(chunk.substr(checksum_at))) {
    return;
  }
  bytes[offset + byte] = value;
  const uint32_t checksum =
      ChunkChecksum(absl::string_view(bytes).substr(offset), length);
  for (size_t i = 0; i < 4; ++i) {
    bytes[offset + checksum_at + i] =
        static_cast<char>(checksum >> (24 - 8 * i));
  }
}

// The file without transparency; one with a palette as one of gray pixels,
// whose numbers are the indices.
std::string AsNumbers(absl::string_view file) {
  std::string bytes(file);
  size_t offset = kPngSignature.size();
  while (bytes.size() - offset >= kBeforeChunk + kAfterChunk) {
    const absl::string_view chunk = absl::string_view(bytes).substr(offset);
    const size_t length = BigEndian32(chunk);
    if (length > chunk.size() - kBeforeChunk - kAfterChunk) break;
    const absl::string_view type = chunk.substr(4, 4);
    if (type == "IHDR" && offset == kPngSignature.size()) {
      if (file[kIndexColorAt] == kPalettePixels) {
        ChangeChunk(offset, length, kIndexColorAt - offset, kGrayPixels, bytes);
      }
    } else if (type == "tRNS") {
      // Decoders skip chunks that they do not know.
      ChangeChunk(offset, length, /*byte=*/7, 's', bytes);
    }
    offset += kBeforeChunk + length + kAfterChunk;
  }
  return bytes;
}

absl::StatusOr<Tensor> DecodePngUpright(const std::string& path,
                                        absl::string_view numbers,
                                        const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(DecodedImage decoded,
                           DecodePng(path, numbers, options));
  return TurnUpright(std::move(decoded.image), decoded.orientation);
}

std::string PlaceText(size_t pixel, const Tensor& image) {
  const int64_t width = image.shape().dim(1);
  return absl::StrCat("row ", pixel / width, ", column ", pixel % width);
}

// That all pixels of a file with alpha are opaque: it looks the same over black
// as `over_white`.
absl::Status CheckOpaque(const std::string& path, absl::string_view numbers,
                         const DecodeOptions& options,
                         const Tensor& over_white) {
  DecodeOptions black = options;
  black.background = {0, 0, 0};
  LENSLET_ASSIGN_OR_RETURN(const Tensor over_black,
                           DecodePngUpright(path, numbers, black));
  const int64_t samples = over_white.shape().elements();
  const int64_t bytes = samples * SizeOf(over_white.type());
  const auto bytes_of = [](const Tensor& image) {
    return image.type() == ElementType::kUint8
               ? image.data<uint8_t>()
               : reinterpret_cast<const uint8_t*>(image.data());
  };
  const uint8_t* const white = bytes_of(over_white);
  const uint8_t* const other =
      std::mismatch(white, white + bytes, bytes_of(over_black)).first;
  if (other == white + bytes) return absl::OkStatus();
  const size_t pixel = (other - white) / (bytes / over_white.shape().dim(0) /
                                          over_white.shape().dim(1));
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": has transparent pixels, the first in ",
      PlaceText(pixel, over_white),
      "; expected a number for each pixel, in an opaque PNG file"));
}

// The numbers in pixels of one channel, or of colors that are gray, as many
// programs store masks. `number_of` turns a sample into a number.
template <typename T, typename NumberOf>
absl::StatusOr<Tensor> NumbersOf(const std::string& path, const Tensor& image,
                                 NumberOf number_of) {
  const int64_t channels = image.shape().dim(2);
  LENSLET_ASSIGN_OR_RETURN(
      Tensor numbers,
      Tensor::Create(ElementType::kUint8,
                     {image.shape().dim(0), image.shape().dim(1), 1}));
  const absl::Span<uint8_t> out = numbers.span<uint8_t>();
  const T* pixel = image.data<T>();
  for (size_t i = 0; i < out.size(); ++i, pixel += channels) {
    const int64_t number = number_of(pixel[0]);
    if (channels == 3 && (pixel[0] != pixel[1] || pixel[0] != pixel[2])) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": has colors: red, green and blue are ", number, ", ",
          number_of(pixel[1]), " and ", number_of(pixel[2]), " in ",
          PlaceText(i, image),
          "; expected a number for each pixel, in a gray PNG file, one with a "
          "palette, or one whose red, green and blue are equal"));
    }
    if (number > 255) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": has the number ", number, " in ", PlaceText(i, image),
          "; expected numbers of at most 255, as masks have"));
    }
    out[i] = static_cast<uint8_t>(number);
  }
  return numbers;
}

}  // namespace

absl::StatusOr<Tensor> DecodePngIndices(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options) {
  if (bytes.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is empty; expected a PNG file"));
  }
  if (absl::StartsWith(bytes, "\xff\xd8\xff")) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is a JPEG file, which loses class numbers; expected PNG"));
  }
  if (!absl::StartsWith(bytes, kPngSignature)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a PNG file; expected one, as masks are"));
  }
  LENSLET_RETURN_IF_ERROR(PngInfo(path, bytes, options).status());
  static_assert(kIndexHeaderBytes > kIndexColorAt);  // PngInfo() reads it.
  const char color = bytes[kIndexColorAt];
  const int depth = bytes[kIndexDepthAt];
  DecodeOptions whole = options;
  whole.keep_long_samples = depth > 8;
  whole.background = {255, 255, 255};
  const std::string numbers = AsNumbers(bytes);
  LENSLET_ASSIGN_OR_RETURN(const Tensor image,
                           DecodePngUpright(path, numbers, whole));
  if (color == kGrayPixelsWithAlpha || color == kColorPixelsWithAlpha) {
    LENSLET_RETURN_IF_ERROR(CheckOpaque(path, numbers, whole, image));
  }
  if (depth > 8) {
    return NumbersOf<float>(path, image, [](float sample) {
      return static_cast<int64_t>(std::lround(sample * 65535));
    });
  }
  // Gray levels of fewer bits have been spread over 0 to 255.
  const int scale = 255 / ((1 << depth) - 1);
  return NumbersOf<uint8_t>(
      path, image, [scale](uint8_t sample) { return int64_t{sample / scale}; });
}

}  // namespace lenslet
