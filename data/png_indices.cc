#include "lenslet/data/png_indices.h"

#include <zlib.h>

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
constexpr char kColorPixels = 2;
constexpr char kPalettePixels = 3;
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

// One channel of colors that are gray, as many programs store masks.
absl::StatusOr<Tensor> GrayOfColors(const std::string& path, Tensor image) {
  const int64_t height = image.shape().dim(0), width = image.shape().dim(1);
  if (image.shape().dim(2) == 1) return image;
  LENSLET_ASSIGN_OR_RETURN(
      Tensor gray, Tensor::Create(ElementType::kUint8, {height, width, 1}));
  const uint8_t* color = image.data<uint8_t>();
  for (uint8_t& pixel : gray.span<uint8_t>()) {
    if (color[0] != color[1] || color[0] != color[2]) {
      const int64_t i = &pixel - gray.data<uint8_t>();
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": has colors: red, green and blue are ", int{color[0]}, ", ",
          int{color[1]}, " and ", int{color[2]}, " in row ", i / width,
          ", column ", i % width,
          "; expected a number for each pixel, in a gray PNG file, one with a "
          "palette, or one whose red, green and blue are equal"));
    }
    pixel = color[0];
    color += 3;
  }
  return gray;
}

}  // namespace

absl::StatusOr<Tensor> DecodePngIndices(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options) {
  if (!absl::StartsWith(bytes, kPngSignature)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a PNG file; expected one, as masks are"));
  }
  LENSLET_RETURN_IF_ERROR(PngInfo(path, bytes, options).status());
  static_assert(kIndexHeaderBytes > kIndexColorAt);  // PngInfo() reads it.
  const char color = bytes[kIndexColorAt];
  const int depth = bytes[kIndexDepthAt];
  if (color != kGrayPixels && color != kPalettePixels &&
      color != kColorPixels) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has ", color == 4 ? "gray pixels" : "colors",
                     " with alpha; expected a gray PNG file or one with a "
                     "palette, as masks are"));
  }
  if (depth > 8) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has ", depth,
                     " bits a pixel; expected at most 8, as masks have"));
  }
  LENSLET_ASSIGN_OR_RETURN(DecodedImage decoded,
                           DecodePng(path, AsNumbers(bytes), options));
  LENSLET_ASSIGN_OR_RETURN(Tensor upright, TurnUpright(std::move(decoded.image),
                                                       decoded.orientation));
  LENSLET_ASSIGN_OR_RETURN(Tensor image,
                           GrayOfColors(path, std::move(upright)));
  // Gray levels of fewer bits have been spread over 0 to 255.
  const int scale = 255 / ((1 << depth) - 1);
  for (uint8_t& pixel : image.span<uint8_t>()) {
    pixel = static_cast<uint8_t>(pixel / scale);
  }
  return image;
}

}  // namespace lenslet
