// Text from files, made fit for a terminal.

#ifndef LENSLET_BASE_PRINTABLE_H_
#define LENSLET_BASE_PRINTABLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns `text` with all but printable ASCII as "\x1b", and with " ... " in
// place of its middle if it would be longer than 1000 characters.
std::string Printable(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_BASE_PRINTABLE_H_
