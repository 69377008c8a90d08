#include "base/utf8.h"

#include <cstddef>
#include <cstdint>

namespace lenslet {

bool IsValidUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const uint8_t first = text[i++];
    if (first < 0x80) continue;
    int more;
    uint32_t code;
    uint32_t least;
    if ((first & 0xe0) == 0xc0) {
      more = 1, code = first & 0x1f, least = 0x80;
    } else if ((first & 0xf0) == 0xe0) {
      more = 2, code = first & 0x0f, least = 0x800;
    } else if ((first & 0xf8) == 0xf0) {
      more = 3, code = first & 0x07, least = 0x10000;
    } else {
      return false;
    }
    for (; more > 0; --more) {
      if (i == text.size()) return false;
      const uint8_t next = text[i++];
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      return false;
    }
  }
  return true;
}

}  // namespace lenslet
