// Compares a program's output with its expected output, with tolerances for
// rounding: a network trained on another CPU has slightly different parameters.

#ifndef LENSLET_EXAMPLES_OUTPUT_COMPARISON_H_
#define LENSLET_EXAMPLES_OUTPUT_COMPARISON_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lenslet {

struct OutputTolerance {
  // The largest difference allowed between two numbers, at least 0.
  double numbers = 0;
  // The fraction of a picture's letters that may differ, in [0, 1]. Lines of
  // pictures start with '|'.
  double letters = 0;
};

// Both texts must have the same lines and the same words, separated by blanks.
// Words that are numbers may differ by the tolerance; a comma or percent sign
// may follow the number. Lines of pictures must have the same length, and some
// of their letters may differ. Errors: OutOfRange, with the line's number and
// both texts.
absl::Status CompareOutput(absl::string_view expected, absl::string_view actual,
                           const OutputTolerance& tolerance);

}  // namespace lenslet

#endif  // LENSLET_EXAMPLES_OUTPUT_COMPARISON_H_
