#include "lenslet/base/utf8.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

// Of the bytes of a character, all but the first.
bool IsContinuation(char byte) {
  return (static_cast<uint8_t>(byte) & 0xc0) == 0x80;
}

}  // namespace

Utf8Character FirstUtf8Character(absl::string_view text) {
  const uint8_t first = text[0];
  if (first < 0x80) return {.valid = true, .bytes = 1, .code = first};
  int bytes;
  uint32_t code;
  uint32_t least;
  if ((first & 0xe0) == 0xc0) {
    bytes = 2, code = first & 0x1f, least = 0x80;
  } else if ((first & 0xf0) == 0xe0) {
    bytes = 3, code = first & 0x0f, least = 0x800;
  } else if ((first & 0xf8) == 0xf0) {
    bytes = 4, code = first & 0x07, least = 0x10000;
  } else {
    return {};
  }
  if (text.size() < static_cast<size_t>(bytes)) return {};
  for (int i = 1; i < bytes; ++i) {
    if (!IsContinuation(text[i])) return {};
    code = code << 6 | (static_cast<uint8_t>(text[i]) & 0x3f);
  }
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    return {};
  }
  return {.valid = true, .bytes = bytes, .code = code};
}

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    const Utf8Character next = FirstUtf8Character(text);
    if (!next.valid) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

int64_t CountCharacters(absl::string_view text) {
  int64_t count = 0;
  for (const char byte : text) count += !IsContinuation(byte);
  return count;
}

std::string Abbreviate(absl::string_view text, int64_t max) {
  if (CountCharacters(text) <= max) return std::string(text);
  size_t end = 0;
  for (int64_t count = 0; end < text.size(); ++end) {
    if (!IsContinuation(text[end]) && ++count == max) break;
  }
  return absl::StrCat(text.substr(0, end), ".");
}

}  // namespace lenslet
