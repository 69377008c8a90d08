// Checks that the code in a document is code that is built and run, and that
// what it says a program prints is what the program prints.

#ifndef LENSLET_TESTS_DOCUMENTED_CODE_H_
#define LENSLET_TESTS_DOCUMENTED_CODE_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Looks at the blocks between lines that start with ```. A block of any other
// kind than sh, which is for commands, must stand right below a line that
// names a file,
//   <!-- examples/pooling.cc -->
// and have the same lines as some of that file, one after the other and at
// least one. `read_file` returns the contents of a file by that name. Returns a
// line for each block that does not, which starts with the number of the
// block's first line: "12: reason".
std::vector<std::string> CheckDocumentedCode(
    absl::string_view document,
    absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)>
        read_file);

}  // namespace lenslet

#endif  // LENSLET_TESTS_DOCUMENTED_CODE_H_
