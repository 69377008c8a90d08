// Text as other programs expect it.

#ifndef LENSLET_BASE_UTF8_H_
#define LENSLET_BASE_UTF8_H_

#include "absl/strings/string_view.h"

namespace lenslet {

// Whether `text` is well-formed UTF-8 (RFC 3629): no stray or missing
// continuation bytes, no longer form than needed, no surrogates, nothing above
// U+10FFFF.
bool IsValidUtf8(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_BASE_UTF8_H_
