// Fills memory with numbers that are the same on every machine.

#ifndef LENSLET_TENSOR_FILL_H_
#define LENSLET_TENSOR_FILL_H_

#include "absl/types/span.h"
#include "lenslet/base/random.h"

namespace lenslet {

// Each element drawn from [low, high], equally likely, in order of memory.
void FillUniform(double low, double high, Random& random,
                 absl::Span<float> values);

// Each element drawn from the normal distribution.
void FillNormal(double mean, double standard_deviation, Random& random,
                absl::Span<float> values);

// start, start + 1, start + 2, ...
void FillIota(float start, absl::Span<float> values);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_FILL_H_
