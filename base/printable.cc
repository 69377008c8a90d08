#include "lenslet/base/printable.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/utf8.h"

namespace lenslet {
namespace {

constexpr size_t kMostBytes = 1000;

bool IsHidden(uint32_t code) {
  return code == 0x061c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

bool IsControl(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

bool ContinuesCharacter(absl::string_view text, size_t i) {
  return i < text.size() && (static_cast<uint8_t>(text[i]) & 0xc0) == 0x80;
}

// Cuts between characters, unless there are none.
std::string Shortened(absl::string_view text) {
  if (text.size() <= kMostBytes) return std::string(text);
  constexpr absl::string_view kGap = " ... ";
  constexpr int kMostContinuations = 3;
  size_t left = (kMostBytes - kGap.size()) / 2;
  size_t right = text.size() - left;
  for (int i = 0; i < kMostContinuations; ++i) {
    left -= ContinuesCharacter(text, left);
    right += ContinuesCharacter(text, right);
  }
  return absl::StrCat(text.substr(0, left), kGap, text.substr(right));
}

std::string Escaped(absl::string_view text, bool keep_line_ends) {
  std::string printable;
  while (!text.empty()) {
    const Utf8Character next = FirstUtf8Character(text);
    const absl::string_view bytes = text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
    const bool escape =
        !next.valid || IsHidden(next.code) ||
        (IsControl(next.code) && !(keep_line_ends && next.code == '\n'));
    if (!escape) {
      absl::StrAppend(&printable, bytes);
    } else {
      absl::StrAppend(&printable, absl::CHexEscape(bytes));
    }
  }
  return printable;
}

}  // namespace

std::string Printable(absl::string_view text) {
  return Shortened(Escaped(Shortened(text), /*keep_line_ends=*/false));
}

std::string PrintableLines(absl::string_view text) {
  return Escaped(text, /*keep_line_ends=*/true);
}

}  // namespace lenslet
