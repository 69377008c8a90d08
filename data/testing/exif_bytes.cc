#include "lenslet/data/testing/exif_bytes.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lenslet/data/testing/png_bytes.h"

namespace lenslet {
namespace {

std::string Number(uint32_t value, int bytes, bool is_big_endian) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    const int shift = 8 * (is_big_endian ? bytes - 1 - i : i);
    text.push_back(static_cast<char>(value >> shift & 255));
  }
  return text;
}

}  // namespace

std::string ExifBytes(int orientation, bool is_big_endian) {
  const auto number = [&](uint32_t value, int bytes) {
    return Number(value, bytes, is_big_endian);
  };
  constexpr uint32_t kAscii = 2, kShort = 3;
  return absl::StrCat(is_big_endian ? "MM" : "II", number(42, 2), number(8, 4),
                      number(2, 2),
                      // Make, "Abc", and Orientation.
                      number(0x010f, 2), number(kAscii, 2), number(4, 4),
                      absl::string_view("Abc\0", 4),  //
                      number(0x0112, 2), number(kShort, 2), number(1, 4),
                      number(orientation, 2), number(0, 2), number(0, 4));
}

std::string JpegWithExif(absl::string_view jpeg, absl::string_view exif) {
  const std::string data = absl::StrCat(absl::string_view("Exif\0\0", 6), exif);
  return absl::StrCat(jpeg.substr(0, 2), "\xff\xe1",
                      Number(static_cast<uint32_t>(data.size() + 2), 2, true),
                      data, jpeg.substr(2));
}

std::string PngWithExif(absl::string_view png, absl::string_view exif) {
  constexpr size_t kHeaderBytes = 33;
  return absl::StrCat(png.substr(0, kHeaderBytes), PngChunk("eXIf", exif),
                      png.substr(kHeaderBytes));
}

}  // namespace lenslet
