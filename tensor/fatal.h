// Ends the program for mistakes in its code, where a Status would get in the
// way: in x(i, j) and in x + y.

#ifndef LENSLET_TENSOR_FATAL_H_
#define LENSLET_TENSOR_FATAL_H_

#include "absl/strings/string_view.h"

namespace lenslet {

// Prints the message as a line on stderr, and aborts.
[[noreturn]] void Fatal(absl::string_view message);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_FATAL_H_
