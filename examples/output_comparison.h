// Compares what a program printed with what it should print, where rounding may
// differ between CPUs: a network that is trained on another one has slightly
// other parameters.

#ifndef LENSLET_EXAMPLES_OUTPUT_COMPARISON_H_
#define LENSLET_EXAMPLES_OUTPUT_COMPARISON_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lenslet {

struct OutputTolerance {
  // How far two numbers may be apart, at least 0.
  double numbers = 0;
  // The share of letters of pictures that may differ, in [0, 1]. Lines of
  // pictures start with '|'.
  double letters = 0;
};

// Both texts must have the same lines, of the same words. Words are what is
// between blanks; those that are numbers may differ by the tolerance, and a
// comma or percent sign may follow them. Lines of pictures must be of one
// length, and may have some other letters. Errors: OutOfRange, with the line's
// number and both texts.
absl::Status CompareOutput(absl::string_view expected, absl::string_view actual,
                           const OutputTolerance& tolerance);

}  // namespace lenslet

#endif  // LENSLET_EXAMPLES_OUTPUT_COMPARISON_H_
