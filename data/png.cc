#include "lenslet/data/png.h"

#include <zlib.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/big_endian.h"
#include "lenslet/data/png_exif.h"
#include "lenslet/data/stb_decoder.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxPixels = int64_t{1} << 24;

// stb_image_write adds up the sizes of a row's samples, up to 128, in an int.
constexpr int64_t kMaxEncodedRow = INT_MAX / 128;

}  // namespace
}  // namespace lenslet

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace lenslet {
namespace {

constexpr int64_t kBytesAroundData = 12;

// In a file, where the IHDR chunk is the first.
constexpr size_t kHeaderBytes = 33;
constexpr size_t kWidthAt = 16;
constexpr size_t kHeightAt = 20;
constexpr size_t kBitsAt = 24;
constexpr size_t kColorTypeAt = 25;
constexpr char kGray = 0;
constexpr char kRgb = 2;
constexpr char kPalette = 3;
constexpr char kGrayAndAlpha = 4;

constexpr size_t kPaletteBytes = 256 * 3;

// stb_image reads zeros past the end of a file and no checksums: a damaged
// file would become a damaged image. A chunk is its length, its type (four
// letters), its data and the checksum of the latter two.
// Returns the number of bytes of image data, compressed.
absl::StatusOr<int64_t> CheckChunks(const std::string& path,
                                    absl::string_view bytes) {
  int64_t data_bytes = 0;
  absl::string_view rest = bytes.substr(kPngSignature.size());
  absl::string_view type;
  bool has_data = false;
  while (type != "IEND") {
    const int64_t offset = bytes.size() - rest.size();
    if (rest.size() < kBytesAroundData) {
      return absl::DataLossError(
          absl::StrCat(path, ": truncated PNG file, its ", bytes.size(),
                       " bytes end before its IEND chunk does"));
    }
    const bool first = type.empty();
    const int64_t length = BigEndian32(rest);
    type = rest.substr(4, 4);
    if (!std::all_of(type.begin(), type.end(), absl::ascii_isalpha) ||
        (first && type != "IHDR")) {
      return absl::DataLossError(
          absl::StrCat(path, ": corrupt PNG file; expected ",
                       first ? "an IHDR" : "a", " chunk at byte ", offset,
                       ", got the type \"", absl::CHexEscape(type), "\""));
    }
    const int64_t available = rest.size() - kBytesAroundData;
    if (length > available) {
      return absl::DataLossError(absl::StrCat(
          path, ": truncated PNG file, the ", type, " chunk at byte ", offset,
          " has ", length, " bytes of data, only ", available, " follow"));
    }
    const uint32_t checksum =
        crc32(0, reinterpret_cast<const Bytef*>(type.data()),
              static_cast<uInt>(type.size() + length));
    if (checksum != BigEndian32(rest.substr(8 + length))) {
      return absl::DataLossError(absl::StrCat(path, ": corrupt PNG file, the ",
                                              type, " chunk at byte ", offset,
                                              " has a wrong checksum"));
    }
    // stb_image copies zero bytes to a null pointer, which is undefined.
    if (type == "IDAT" && length == 0 && !has_data) {
      return absl::DataLossError(
          absl::StrCat(path,
                       ": corrupt PNG file, the first IDAT chunk, at "
                       "byte ",
                       offset, ", is empty"));
    }
    has_data = has_data || type == "IDAT";
    if (type == "IDAT") data_bytes += length;
    rest.remove_prefix(kBytesAroundData + length);
  }
  return data_bytes;
}

// The samples of a pixel, with alpha, once decoded.
int64_t ChannelsInFile(char color_type) {
  switch (color_type) {
    case kGray:
      return 1;
    case kRgb:
      return 3;
    case kGrayAndAlpha:
      return 2;
    default:
      return 4;  // A palette may have alpha.
  }
}

int64_t BytesPerPixel(absl::string_view bytes) {
  return ChannelsInFile(bytes[kColorTypeAt]) * (bytes[kBitsAt] == 16 ? 2 : 1);
}

// Deflate makes at most 1032 bytes of one.
constexpr int64_t kMaxDeflateRatio = 1032;

// Returns what stb_image may allocate at once. Errors: DataLoss if the data
// cannot have as many pixels as the header says.
absl::StatusOr<size_t> MaxAllocation(const std::string& path,
                                     absl::string_view bytes,
                                     const Shape& shape, int64_t data_bytes) {
  const int64_t height = shape.dim(0), width = shape.dim(1);
  const int bits = static_cast<uint8_t>(bytes[kBitsAt]);
  const char type = bytes[kColorTypeAt];
  const int64_t samples = type == kPalette ? 1 : ChannelsInFile(type);
  const int64_t least = height * ((width * samples * bits + 7) / 8 + 1);
  if (least / kMaxDeflateRatio > data_bytes) {
    return absl::DataLossError(absl::StrCat(
        path, ": corrupt PNG file, its ", data_bytes,
        " bytes of data cannot be ", width, " x ", height, " pixels"));
  }
  // A row has one byte more than its pixels, and an interlaced image more rows.
  // stb_image doubles what turns out to be too small, and has small tables.
  constexpr size_t kTables = size_t{1} << 16;
  const size_t most =
      height * width * BytesPerPixel(bytes) + 2 * (height + width);
  return 2 * std::max(most, bytes.size()) + kTables;
}

// The file with all 256 colors in its first palette, black where it lacks
// them, as libpng reads it: stb_image leaves there what was in its memory. For
// files that CheckChunks() accepts.
std::string CompletePalette(absl::string_view bytes) {
  std::string completed(bytes);
  size_t offset = kPngSignature.size();
  while (true) {
    const absl::string_view chunk = bytes.substr(offset);
    const size_t length = BigEndian32(chunk);
    const absl::string_view type = chunk.substr(4, 4);
    if (type == "PLTE" && length > 0 && length < kPaletteBytes &&
        length % 3 == 0) {
      completed.insert(offset + 8 + length, kPaletteBytes - length, '\0');
      completed[offset + 2] = static_cast<char>(kPaletteBytes >> 8);
      completed[offset + 3] = static_cast<char>(kPaletteBytes & 255);
    }
    if (type == "PLTE" || type == "IEND") return completed;
    offset += kBytesAroundData + length;
  }
}

}  // namespace

absl::StatusOr<ImageInfo> PngInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options) {
  if (bytes.size() < kHeaderBytes) {
    return absl::DataLossError(absl::StrCat(path, ": truncated PNG file, its ",
                                            bytes.size(),
                                            " bytes end within its header"));
  }
  if (const absl::string_view type = bytes.substr(12, 4); type != "IHDR") {
    return absl::DataLossError(absl::StrCat(
        path, ": corrupt PNG file; expected an IHDR chunk at byte ",
        kPngSignature.size(), ", got the type \"", absl::CHexEscape(type),
        "\""));
  }
  const int64_t width = BigEndian32(bytes.substr(kWidthAt));
  const int64_t height = BigEndian32(bytes.substr(kHeightAt));
  if (width == 0 || height == 0) {
    return absl::DataLossError(
        absl::StrCat(path, ": the PNG file cannot be decoded: 0-pixel image"));
  }
  LENSLET_RETURN_IF_ERROR(
      CheckDecodedSize(path, width, height, BytesPerPixel(bytes), options));
  const char type = bytes[kColorTypeAt];
  return ImageInfo{
      .shape = {height, width, type == kGray || type == kGrayAndAlpha ? 1 : 3},
      .orientation = PngOrientation(bytes.substr(kPngSignature.size())),
      .has_long_samples = bytes[kBitsAt] == 16};
}

absl::StatusOr<DecodedImage> DecodePng(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const int64_t data_bytes, CheckChunks(path, bytes));
  LENSLET_ASSIGN_OR_RETURN(const ImageInfo info, PngInfo(path, bytes, options));
  LENSLET_ASSIGN_OR_RETURN(const size_t max_allocation,
                           MaxAllocation(path, bytes, info.shape, data_bytes));
  std::string completed;
  if (bytes[kColorTypeAt] == kPalette) {
    bytes = completed = CompletePalette(bytes);
  }
  LENSLET_ASSIGN_OR_RETURN(
      const StbPixels pixels,
      DecodeWithStb(
          path, "PNG", bytes,
          {.max_allocation = max_allocation,
           .is_long = info.has_long_samples && options.keep_long_samples}));
  LENSLET_ASSIGN_OR_RETURN(Tensor image, ToImage(path, pixels, options));
  return DecodedImage{.image = std::move(image),
                      .orientation = info.orientation};
}

absl::StatusOr<std::string> EncodePng(const Tensor& image) {
  const Shape& shape = image.shape();
  if (image.type() != ElementType::kUint8 || shape.rank() != 3 ||
      (shape.dim(2) != 1 && shape.dim(2) != 3) || image.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the image is ", Name(image.type()), " ", shape.ToString(),
                     "; expected uint8 [height, width, 1 or 3]"));
  }
  const int64_t height = shape.dim(0), width = shape.dim(1);
  if (height > kMaxPixels / width) {
    return absl::InvalidArgumentError(
        absl::StrCat("the image has ", width, " x ", height,
                     " pixels; expected at most ", kMaxPixels));
  }
  if (width > kMaxEncodedRow / shape.dim(2)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the image has ", width, " pixels in a row, with ", shape.dim(2),
        " samples each; expected at most ", kMaxEncodedRow, " samples"));
  }
  std::string bytes;
  const auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<char*>(data), size);
  };
  if (stbi_write_png_to_func(
          append, &bytes, static_cast<int>(width), static_cast<int>(height),
          static_cast<int>(shape.dim(2)), image.data<uint8_t>(),
          /*stride_in_bytes=*/0) == 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("not enough memory to encode an image of shape ",
                     shape.ToString(), " as PNG"));
  }
  return bytes;
}

}  // namespace lenslet
