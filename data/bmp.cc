#include "lenslet/data/bmp.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/little_endian.h"
#include "lenslet/data/stb_decoder.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Of the header that follows the file's own one of 14 bytes.
constexpr uint32_t kBmpHeaderSizes[] = {12, 40, 56, 108, 124};
constexpr size_t kBmpFileHeader = 14;
constexpr uint32_t kUncompressed = 0;
constexpr uint32_t kBitFields = 3;

std::string CompressionName(uint32_t compression) {
  switch (compression) {
    case 1:
      return "RLE of 8 bits";
    case 2:
      return "RLE of 4 bits";
    case 4:
      return "JPEG";
    case 5:
      return "PNG";
    default:
      return absl::StrCat("number ", compression);
  }
}

struct BmpHeader {
  size_t size = 0;            // Without the file's own header.
  int64_t signed_height = 0;  // Negative if the first row is the upper one.
  int64_t width = 0;
  int64_t height = 0;
  int64_t bits = 0;
  int64_t pixels_at = 0;
};

absl::StatusOr<BmpHeader> ReadBmpHeader(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options) {
  const size_t size = LittleEndian32(bytes, kBmpFileHeader);
  if (bytes.size() < kBmpFileHeader + size) {
    return absl::DataLossError(absl::StrCat(path, ": truncated BMP file, its ",
                                            bytes.size(),
                                            " bytes end within its header"));
  }
  const bool is_old = size == 12;
  BmpHeader header = {.size = size, .pixels_at = LittleEndian32(bytes, 10)};
  uint32_t compression = kUncompressed;
  if (is_old) {
    header.width = LittleEndian16(bytes, 18);
    header.signed_height = LittleEndian16(bytes, 20);
    header.bits = LittleEndian16(bytes, 24);
  } else {
    header.width = static_cast<int32_t>(LittleEndian32(bytes, 18));
    header.signed_height = static_cast<int32_t>(LittleEndian32(bytes, 22));
    header.bits = LittleEndian16(bytes, 28);
    compression = LittleEndian32(bytes, 30);
  }
  header.height = std::max(header.signed_height, -header.signed_height);
  if (header.width < 1 || header.height < 1) {
    return absl::DataLossError(absl::StrCat(path, ": corrupt BMP file, it has ",
                                            header.width, " x ", header.height,
                                            " pixels"));
  }
  if (header.bits != 1 && header.bits != 4 && header.bits != 8 &&
      header.bits != 16 && header.bits != 24 && header.bits != 32) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the BMP file has ", header.bits,
                     " bits per pixel; expected 1, 4, 8, 16, 24 or 32"));
  }
  if (compression != kUncompressed && compression != kBitFields) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the BMP file's compression is ",
                     CompressionName(compression), "; expected none"));
  }
  // With alpha.
  LENSLET_RETURN_IF_ERROR(
      CheckDecodedSize(path, header.width, header.height, 4, options));
  return header;
}

void AppendNumber(int64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(value >> 8 * i & 255));
  }
}

// The file with a header of 40 bytes and all colors in its palette, black where
// it lacks them: stb_image leaves there what was in its memory, miscounts the
// colors of old files, and wants no bytes between the header and the pixels.
// For files of up to 8, or 24, bits per pixel.
std::string WithUsualHeader(absl::string_view bytes, const BmpHeader& header) {
  constexpr int64_t kUsualHeader = 40;
  const int64_t color_bytes = header.size == 12 ? 3 : 4;
  const int64_t colors = header.bits <= 8 ? int64_t{1} << header.bits : 0;
  const int64_t palette_at = static_cast<int64_t>(kBmpFileHeader + header.size);
  const int64_t pixels_at = kBmpFileHeader + kUsualHeader + 4 * colors;
  std::string usual = "BM";
  AppendNumber(0, 8, usual);  // The file's size, which nobody reads.
  AppendNumber(pixels_at, 4, usual);
  AppendNumber(kUsualHeader, 4, usual);
  AppendNumber(header.width, 4, usual);
  AppendNumber(header.signed_height, 4, usual);
  AppendNumber(1, 2, usual);  // Planes.
  AppendNumber(header.bits, 2, usual);
  usual.resize(kBmpFileHeader + kUsualHeader, '\0');
  for (int64_t i = 0; i < colors; ++i) {
    const int64_t at = palette_at + color_bytes * i;
    const bool is_there = at + color_bytes <= header.pixels_at;
    absl::StrAppend(&usual, is_there ? bytes.substr(at, 3)
                                     : absl::string_view("\0\0\0", 3));
    usual.push_back('\0');
  }
  absl::StrAppend(&usual, bytes.substr(header.pixels_at));
  return usual;
}

}  // namespace

bool IsBmp(absl::string_view bytes) {
  if (!absl::StartsWith(bytes, "BM") || bytes.size() < kBmpFileHeader + 4) {
    return false;
  }
  return LittleEndian32(bytes, 6) == 0 &&
         std::count(std::begin(kBmpHeaderSizes), std::end(kBmpHeaderSizes),
                    LittleEndian32(bytes, kBmpFileHeader)) > 0;
}

absl::StatusOr<ImageInfo> BmpInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const BmpHeader header,
                           ReadBmpHeader(path, bytes, options));
  return ImageInfo{.shape = {header.height, header.width, 3}};
}

absl::StatusOr<DecodedImage> DecodeBmp(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const BmpHeader header,
                           ReadBmpHeader(path, bytes, options));
  // Rows are padded to 4 bytes; the last one's padding may be missing.
  const int64_t row_bits = header.width * header.bits;
  const int64_t expected = header.pixels_at +
                           (row_bits + 31) / 32 * 4 * (header.height - 1) +
                           (row_bits + 7) / 8;
  if (header.pixels_at < static_cast<int64_t>(kBmpFileHeader + header.size) ||
      expected > static_cast<int64_t>(bytes.size())) {
    return absl::DataLossError(absl::StrCat(
        path, ": truncated BMP file, its header gives ", header.width, " x ",
        header.height, " pixels from byte ", header.pixels_at, "; expected ",
        expected, " bytes, got ", bytes.size()));
  }
  std::string usual;
  if (header.bits != 16 && header.bits != 32) {
    bytes = usual = WithUsualHeader(bytes, header);
  }
  LENSLET_ASSIGN_OR_RETURN(
      const StbPixels pixels,
      DecodeWithStb(path, "BMP", bytes,
                    {.max_allocation = static_cast<size_t>(
                         header.width * header.height * 4 + 1024)}));
  LENSLET_ASSIGN_OR_RETURN(Tensor image, ToImage(path, pixels, options));
  return DecodedImage{.image = std::move(image)};
}

}  // namespace lenslet
