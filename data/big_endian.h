// Reads numbers stored with the most significant byte first.

#ifndef LENSLET_DATA_BIG_ENDIAN_H_
#define LENSLET_DATA_BIG_ENDIAN_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"

namespace lenslet {

// Returns the number in the first four bytes of `bytes`. Aborts if there are
// fewer.
inline uint32_t BigEndian32(absl::string_view bytes) {
  LENSLET_CHECK(bytes.size() >= 4);
  uint32_t value = 0;
  for (char byte : bytes.substr(0, 4)) {
    value = value << 8 | static_cast<uint8_t>(byte);
  }
  return value;
}

}  // namespace lenslet

#endif  // LENSLET_DATA_BIG_ENDIAN_H_
