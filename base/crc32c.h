// CRC-32C, the check number of 32 bits with Castagnoli's polynomial
// 0x1EDC6F41, bits reflected, as iSCSI and event files have it. (zlib's and
// PNG's CRC-32 has another polynomial.)
//
// Source: RFC 3720, section 12.1 and appendix B.4.

#ifndef LENSLET_BASE_CRC32C_H_
#define LENSLET_BASE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace lenslet {

// Of the bytes of `data`; 0 for none. A table lookup for each byte.
uint32_t Crc32c(absl::string_view data);

}  // namespace lenslet

#endif  // LENSLET_BASE_CRC32C_H_
