// Floats as bytes that are the same on every machine.

#ifndef LENSLET_CODEGEN_LITTLE_ENDIAN_FLOATS_H_
#define LENSLET_CODEGEN_LITTLE_ENDIAN_FLOATS_H_

#include <cstdint>
#include <cstring>
#include <string>

#include "absl/types/span.h"

namespace lenslet {

// Each float's bytes, lowest first.
inline std::string LittleEndianFloats(absl::Span<const float> floats) {
  std::string bytes;
  bytes.reserve(floats.size() * sizeof(float));
  for (const float number : floats) {
    uint32_t bits;
    std::memcpy(&bits, &number, sizeof(bits));
    for (int i = 0; i < 4; ++i) {
      bytes += static_cast<char>(bits >> (8 * i) & 255);
    }
  }
  return bytes;
}

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_LITTLE_ENDIAN_FLOATS_H_
