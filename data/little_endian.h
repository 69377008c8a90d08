// Numbers in files of little-endian formats.

#ifndef LENSLET_DATA_LITTLE_ENDIAN_H_
#define LENSLET_DATA_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"

namespace lenslet {

// Return the number at `offset`. Abort if the bytes end before it does.
inline uint32_t LittleEndian16(absl::string_view bytes, size_t offset) {
  LENSLET_CHECK(offset + 2 <= bytes.size());
  return static_cast<uint8_t>(bytes[offset]) |
         static_cast<uint32_t>(static_cast<uint8_t>(bytes[offset + 1])) << 8;
}
inline uint32_t LittleEndian32(absl::string_view bytes, size_t offset) {
  return LittleEndian16(bytes, offset) | LittleEndian16(bytes, offset + 2)
                                             << 16;
}

}  // namespace lenslet

#endif  // LENSLET_DATA_LITTLE_ENDIAN_H_
