// Checks that a document's code comes from files that are built and run, and
// that its program output is the programs' actual output.

#ifndef LENSLET_TESTS_DOCUMENTED_CODE_H_
#define LENSLET_TESTS_DOCUMENTED_CODE_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Checks the blocks between lines that start with ```. Skips those of the kinds
// in `skipped`: sh has commands, and python quotes the book. Any other block
// must directly follow a line that names a file:
//   <!-- examples/pooling.cc -->
// The block must consist of at least one line and occur in that file as
// consecutive lines. `read_file` returns the contents of a file. Returns a line
// for each block that fails. It starts with the number of the block's first
// line: "12: reason".
std::vector<std::string> CheckDocumentedCode(
    absl::string_view document,
    absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)>
        read_file,
    const std::vector<std::string>& skipped = {"sh", "python"});

// Checks pairs of a python block and the cpp block after it: the line of
// headings above them must give the number of lines of each that are neither
// blank nor a comment,
//   <tr><th>the book, 7 lines</th><th>Lenslet, 10 lines</th></tr>
// and C++ may have at most 1.5 times as many as Python. Returns a line for each
// problem, as CheckDocumentedCode().
std::vector<std::string> CheckLineCounts(absl::string_view document);

}  // namespace lenslet

#endif  // LENSLET_TESTS_DOCUMENTED_CODE_H_
