// Runs a program in the portable arithmetic (docs/arithmetic.md): the scores
// have the bits that the generated C computes, on each CPU.
//
// A vector holds the same number of several images, so each image's sums keep
// their order.

#ifndef LENSLET_CODEGEN_EVALUATE_H_
#define LENSLET_CODEGEN_EVALUATE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/codegen/program.h"

namespace lenslet {

// The scores of examples [N, ...], one after the other. Examples are bytes or
// floats as in data sets; the program normalizes them. Thread-safe.
// Errors: InvalidArgument unless there is a whole number of examples;
// ResourceExhausted.
absl::StatusOr<std::vector<float>> Evaluate(const Program& program,
                                            absl::Span<const uint8_t> examples);
absl::StatusOr<std::vector<float>> Evaluate(const Program& program,
                                            absl::Span<const float> examples);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_EVALUATE_H_
