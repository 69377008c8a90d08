// Text as other programs expect it.

#ifndef LENSLET_BASE_UTF8_H_
#define LENSLET_BASE_UTF8_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// A character at the beginning of a text.
struct Utf8Character {
  bool valid = false;  // Otherwise the first byte begins no character.
  int bytes = 1;       // How many the character has; 1 unless valid.
  uint32_t code = 0;   // The code point, if valid.
};

// The first character of `text`, which is not empty.
Utf8Character FirstUtf8Character(absl::string_view text);

// Whether `text` is well-formed UTF-8 (RFC 3629): no stray or missing
// continuation bytes, no longer form than needed, no surrogates, nothing above
// U+10FFFF.
bool IsValidUtf8(absl::string_view text);

// How many characters UTF-8 has: what a terminal shows in as many columns,
// except for wide characters, as Chinese has, and marks that combine. Of other
// text, some number up to text.size().
int64_t CountCharacters(absl::string_view text);

// `text`, or if it has more than `max` characters, at least 1, as many of its
// first ones as leave room for a '.': "Pull." for "Pullover", 5.
std::string Abbreviate(absl::string_view text, int64_t max);

}  // namespace lenslet

#endif  // LENSLET_BASE_UTF8_H_
