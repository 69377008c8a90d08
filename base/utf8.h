// Helpers for UTF-8 text.

#ifndef LENSLET_BASE_UTF8_H_
#define LENSLET_BASE_UTF8_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// The first character of a text.
struct Utf8Character {
  bool valid = false;  // Whether the first byte begins a character.
  int bytes = 1;       // Length of the character; 1 unless valid.
  uint32_t code = 0;   // The code point, if valid.
};

// Returns the first character of `text`, which must not be empty.
Utf8Character FirstUtf8Character(absl::string_view text);

// Returns whether `text` is well-formed UTF-8 (RFC 3629): no stray or missing
// continuation bytes, no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(absl::string_view text);

// Returns the number of characters in UTF-8 text. A terminal needs that many
// columns, except for wide characters (such as Chinese) and combining marks. If
// the text is not UTF-8, returns some number up to text.size().
int64_t CountCharacters(absl::string_view text);

// Returns `text` if it has at most `max` characters. Otherwise returns its
// first max - 1 characters and a '.': "Pull." for "Pullover" and 5. `max` is at
// least 1.
std::string Abbreviate(absl::string_view text, int64_t max);

}  // namespace lenslet

#endif  // LENSLET_BASE_UTF8_H_
