#include "lenslet/data/gif.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/little_endian.h"
#include "lenslet/data/stb_decoder.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr size_t kGifHeaderBytes = 13;
constexpr uint8_t kGifExtension = 0x21;
constexpr uint8_t kGifImage = 0x2c;
constexpr uint8_t kGifEnd = 0x3b;

// The bytes of a table of colors, of which a descriptor's flags tell.
size_t TableBytes(uint8_t flags) {
  return (flags & 0x80) != 0 ? size_t{3} << ((flags & 7) + 1) : 0;
}

// Reads the structure of the file up to the end of its first image.
class GifWalker {
 public:
  GifWalker(const std::string& path, absl::string_view bytes)
      : path_(path), rest_(bytes), size_(bytes.size()) {}

  absl::Status ToTheEndOfTheFirstImage() {
    const uint8_t flags = static_cast<uint8_t>(rest_[10]);
    if (!Skip(kGifHeaderBytes + TableBytes(flags))) return Truncated();
    while (true) {
      if (rest_.empty()) return Truncated();
      const uint8_t kind = static_cast<uint8_t>(rest_[0]);
      if (kind == kGifEnd) {
        return absl::DataLossError(
            absl::StrCat(path_, ": the GIF file has no image"));
      }
      if (kind == kGifImage) break;
      if (kind != kGifExtension) {
        return absl::DataLossError(absl::StrCat(
            path_, ": corrupt GIF file, byte ", size_ - rest_.size(), " is ",
            kind, "; expected the start of a block"));
      }
      if (!Skip(2) || !SkipBlocks()) return Truncated();
    }
    constexpr size_t kDescriptorBytes = 10;
    if (rest_.size() < kDescriptorBytes) return Truncated();
    const uint8_t image_flags = static_cast<uint8_t>(rest_[9]);
    // A byte with the size of codes comes before the data.
    if (!Skip(kDescriptorBytes + TableBytes(image_flags) + 1) ||
        !SkipBlocks()) {
      return Truncated();
    }
    return absl::OkStatus();
  }

 private:
  bool Skip(size_t bytes) {
    if (bytes > rest_.size()) return false;
    rest_.remove_prefix(bytes);
    return true;
  }

  // Blocks of a length and as many bytes, the last one of length 0.
  bool SkipBlocks() {
    while (!rest_.empty()) {
      const size_t length = static_cast<uint8_t>(rest_[0]);
      if (!Skip(1 + length)) return false;
      if (length == 0) return true;
    }
    return false;
  }

  absl::Status Truncated() const {
    return absl::DataLossError(
        absl::StrCat(path_, ": truncated GIF file, its ", size_,
                     " bytes end before its first image does"));
  }

  const std::string& path_;
  absl::string_view rest_;
  const size_t size_;
};

}  // namespace

absl::StatusOr<ImageInfo> GifInfo(const std::string& path,
                                  absl::string_view bytes,
                                  const DecodeOptions& options) {
  if (bytes.size() < kGifHeaderBytes) {
    return absl::DataLossError(absl::StrCat(path, ": truncated GIF file, its ",
                                            bytes.size(),
                                            " bytes end within its header"));
  }
  const int64_t width = LittleEndian16(bytes, 6);
  const int64_t height = LittleEndian16(bytes, 8);
  if (width == 0 || height == 0) {
    return absl::DataLossError(absl::StrCat(path, ": corrupt GIF file, it has ",
                                            width, " x ", height, " pixels"));
  }
  LENSLET_RETURN_IF_ERROR(CheckDecodedSize(path, width, height, 4, options));
  return ImageInfo{.shape = {height, width, 3}};
}

absl::StatusOr<DecodedImage> DecodeGif(const std::string& path,
                                       absl::string_view bytes,
                                       const DecodeOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const ImageInfo info, GifInfo(path, bytes, options));
  LENSLET_RETURN_IF_ERROR(GifWalker(path, bytes).ToTheEndOfTheFirstImage());
  constexpr size_t kTables = size_t{1} << 16;
  LENSLET_ASSIGN_OR_RETURN(
      const StbPixels pixels,
      DecodeWithStb(
          path, "GIF", bytes,
          {.max_allocation =
               static_cast<size_t>(info.shape.dim(0) * info.shape.dim(1) * 4) +
               kTables}));
  LENSLET_ASSIGN_OR_RETURN(Tensor image, ToImage(path, pixels, options));
  return DecodedImage{.image = std::move(image)};
}

}  // namespace lenslet
