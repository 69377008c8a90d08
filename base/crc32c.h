// CRC-32C: the 32-bit checksum with Castagnoli's polynomial 0x1EDC6F41, bits
// reflected, as used by iSCSI and event files. (The CRC-32 of zlib and PNG uses
// another polynomial.)
//
// Source: RFC 3720, section 12.1 and appendix B.4.

#ifndef LENSLET_BASE_CRC32C_H_
#define LENSLET_BASE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns the checksum of `data`; 0 if it is empty. Does one table lookup per
// byte.
uint32_t Crc32c(absl::string_view data);

}  // namespace lenslet

#endif  // LENSLET_BASE_CRC32C_H_
