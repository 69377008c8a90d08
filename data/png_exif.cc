#include "lenslet/data/png_exif.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "lenslet/data/big_endian.h"
#include "lenslet/data/exif.h"

namespace lenslet {
namespace {

// EXIF data has at most 64 KiB in JPEG files, and twice as many digits.
constexpr size_t kMostProfileText = size_t{1} << 18;

// One is usual; others may hold what is no EXIF data, such as XMP.
constexpr int kMostProfiles = 8;

// Removes and returns what comes before `end`. Removes all without one.
absl::string_view TakeUntil(char end, absl::string_view& text) {
  const absl::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

// As much of it as is not damaged.
std::string InflateText(absl::string_view compressed) {
  std::string text(kMostProfileText, '\0');
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK) return "";
  compressed = compressed.substr(0, kMostProfileText);
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  inflate(&stream, Z_SYNC_FLUSH);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

// The text of a text chunk of EXIF data; absent for other chunks.
std::optional<std::string> ProfileText(absl::string_view type,
                                       absl::string_view data) {
  if (type != "tEXt" && type != "zTXt" && type != "iTXt") return std::nullopt;
  const absl::string_view keyword = TakeUntil('\0', data);
  if (keyword != "Raw profile type exif" &&
      keyword != "Raw profile type APP1") {
    return std::nullopt;
  }
  bool is_compressed = type == "zTXt";
  if (type == "iTXt") {
    is_compressed = absl::StartsWith(data, "\1");
    data.remove_prefix(std::min<size_t>(2, data.size()));
    TakeUntil('\0', data);  // The language.
    TakeUntil('\0', data);  // The keyword in that language.
  } else if (is_compressed) {
    data.remove_prefix(std::min<size_t>(1, data.size()));  // The method.
  }
  return is_compressed ? InflateText(data)
                       : std::string(data.substr(0, kMostProfileText));
}

int DigitValue(char digit) {
  if (absl::ascii_isdigit(digit)) return digit - '0';
  return absl::ascii_tolower(digit) - 'a' + 10;
}

// The bytes of a profile: a line with its name, a line with its size, and
// lines of digits.
std::string ProfileBytes(absl::string_view text) {
  if (absl::StartsWith(text, "\n")) text.remove_prefix(1);
  TakeUntil('\n', text);
  TakeUntil('\n', text);
  std::string bytes;
  int high = -1;
  for (const char digit : text) {
    if (absl::ascii_isspace(digit)) continue;
    if (!absl::ascii_isxdigit(digit)) break;
    if (high < 0) {
      high = DigitValue(digit);
      continue;
    }
    bytes.push_back(static_cast<char>(high << 4 | DigitValue(digit)));
    high = -1;
  }
  return bytes;
}

}  // namespace

int PngOrientation(absl::string_view chunks) {
  // Beside its data, a chunk has its length, its type and a checksum.
  constexpr size_t kAroundData = 12;
  int orientation = 1;
  int profiles = 0;
  while (chunks.size() >= kAroundData) {
    const size_t length = BigEndian32(chunks);
    const absl::string_view type = chunks.substr(4, 4);
    const absl::string_view data = chunks.substr(8, length);
    if (type == "eXIf") return ExifOrientation(data);
    if (orientation == 1 && profiles < kMostProfiles) {
      if (const auto text = ProfileText(type, data)) {
        ++profiles;
        orientation = ExifOrientation(ProfileBytes(*text));
      }
    }
    if (length > chunks.size() - kAroundData) break;
    chunks.remove_prefix(kAroundData + length);
  }
  return orientation;
}

}  // namespace lenslet
