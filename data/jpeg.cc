#include "data/jpeg.h"

#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "tensor/shape.h"

namespace lenslet {
namespace {

// The second bytes of markers.
constexpr int kHuffmanTables = 0xc4;
constexpr int kStartOfScan = 0xda;
constexpr int kEndOfImage = 0xd9;

struct Frame {
  int64_t height = 0;
  int64_t width = 0;
  int channels = 0;
};

int Byte(absl::string_view bytes, size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

int BigEndian16(absl::string_view bytes, size_t i) {
  return Byte(bytes, i) << 8 | Byte(bytes, i + 1);
}

// 0xc0 to 0xcf but for tables (0xc4, 0xcc) and what is reserved (0xc8).
bool IsStartOfFrame(int marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
         marker != 0xcc;
}

absl::Status Truncated(const std::string& path, absl::string_view bytes) {
  return absl::DataLossError(absl::StrCat(path, ": truncated JPEG file, its ",
                                          bytes.size(),
                                          " bytes end before the image does"));
}

// The place of the marker that ends the compressed data from `i` on, in which
// 0xff is followed by 0 or by the number of a restart, 0xd0 to 0xd7.
size_t EndOfScan(absl::string_view bytes, size_t i) {
  for (; i + 1 < bytes.size(); ++i) {
    const int next = Byte(bytes, i + 1);
    if (Byte(bytes, i) == 0xff && next != 0 && next != 0xff &&
        (next < 0xd0 || next > 0xd7)) {
      return i;
    }
  }
  return bytes.size();
}

// Whether a segment's tables are whole and have no more codes than there are
// symbols, which stb_image relies on. A table is a byte, the numbers of codes
// of 1 to 16 bits, and a symbol for each.
bool AreHuffmanTables(absl::string_view tables) {
  constexpr size_t kHeader = 17;
  while (!tables.empty()) {
    if (tables.size() < kHeader) return false;
    size_t codes = 0;
    for (size_t i = 1; i < kHeader; ++i) codes += Byte(tables, i);
    if (codes > 256 || tables.size() < kHeader + codes) return false;
    tables.remove_prefix(kHeader + codes);
  }
  return true;
}

// Goes through the file to its end, as stb_image makes up what is missing.
absl::StatusOr<Frame> ReadFrame(const std::string& path,
                                absl::string_view bytes) {
  Frame frame;
  size_t i = 2;
  while (true) {
    while (i + 1 < bytes.size() && Byte(bytes, i) == 0xff &&
           Byte(bytes, i + 1) == 0xff) {
      ++i;  // Fill bytes.
    }
    if (i + 2 > bytes.size()) return Truncated(path, bytes);
    const int marker = Byte(bytes, i + 1);
    if (Byte(bytes, i) != 0xff || marker == 0) {
      return absl::DataLossError(absl::StrCat(
          path, ": corrupt JPEG file, expected a marker at byte ", i));
    }
    if (marker == kEndOfImage) break;
    if (i + 4 > bytes.size()) return Truncated(path, bytes);
    const size_t length = BigEndian16(bytes, i + 2);
    if (i + 2 + length > bytes.size()) return Truncated(path, bytes);
    if (length < 2 || (marker == kHuffmanTables &&
                       !AreHuffmanTables(bytes.substr(i + 4, length - 2)))) {
      return absl::DataLossError(
          absl::StrCat(path, ": corrupt JPEG file, wrong segment at byte ", i));
    }
    if (IsStartOfFrame(marker)) {
      if (marker > 0xc2) {
        return absl::InvalidArgumentError(absl::StrFormat(
            "%s: is a JPEG file of a kind that is not supported (marker 0x%x), "
            "baseline and progressive ones are",
            path, marker));
      }
      if (length < 8 || frame.channels != 0) {
        return absl::DataLossError(absl::StrCat(
            path, ": corrupt JPEG file, wrong frame header at byte ", i));
      }
      frame = {.height = BigEndian16(bytes, i + 5),
               .width = BigEndian16(bytes, i + 7),
               .channels = Byte(bytes, i + 9)};
    }
    i += 2 + length;
    if (marker == kStartOfScan) i = EndOfScan(bytes, i);
  }
  if (frame.channels == 0) {
    return absl::DataLossError(
        absl::StrCat(path, ": corrupt JPEG file, it has no frame header"));
  }
  return frame;
}

}  // namespace

absl::StatusOr<Tensor> DecodeJpeg(const std::string& path,
                                  absl::string_view bytes, int64_t max_pixels) {
  if (bytes.size() > INT_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is too large for a JPEG file, ", bytes.size(),
                     " bytes, at most ", INT_MAX, " are possible"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Frame frame, ReadFrame(path, bytes));
  if (frame.height * frame.width > max_pixels) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is too large, ", frame.width, " x ", frame.height,
                     " pixels, at most ", max_pixels, " are possible"));
  }
  const int64_t channels = frame.channels == 1 ? 1 : 3;
  int width = 0, height = 0, channels_in_file = 0;
  const std::unique_ptr<stbi_uc, decltype(&std::free)> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()),
                            static_cast<int>(bytes.size()), &width, &height,
                            &channels_in_file, static_cast<int>(channels)),
      &std::free);
  if (pixels == nullptr) {
    return absl::DataLossError(absl::StrCat(
        path, ": the JPEG file cannot be decoded: ", stbi_failure_reason()));
  }
  absl::StatusOr<Tensor> image =
      Tensor::Create(ElementType::kUint8, {height, width, channels});
  if (!image.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": ", image.status().message()));
  }
  std::memcpy(image->data<uint8_t>(), pixels.get(), image->bytes());
  return image;
}

}  // namespace lenslet
