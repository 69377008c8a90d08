// Makes text from files, names and flags safe to print to a terminal.

#ifndef LENSLET_BASE_PRINTABLE_H_
#define LENSLET_BASE_PRINTABLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns `text` as one line that a terminal shows literally. Printable UTF-8
// characters stay. The following become escapes such as "\x1b":
//
//   * control characters, line ends included: C0, DEL and C1;
//   * characters that reorder or hide others: the marks of bidirectional text
//     (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), the
//     separators U+2028 and U+2029, and the byte order mark U+FEFF;
//   * bytes that are not well-formed UTF-8.
//
// Text of more than 1000 bytes, before or after escaping, has its middle
// replaced by " ... ".
std::string Printable(absl::string_view text);

// As Printable(), but for text of several lines: keeps line ends and leaves
// nothing out.
std::string PrintableLines(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_BASE_PRINTABLE_H_
