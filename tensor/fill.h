// Fills memory with numbers that are the same on every machine.

#ifndef LENSLET_TENSOR_FILL_H_
#define LENSLET_TENSOR_FILL_H_

#include "absl/types/span.h"
#include "lenslet/base/random.h"

namespace lenslet {

// Draws each element uniformly from [low, high], in memory order.
void FillUniform(double low, double high, Random& random,
                 absl::Span<float> values);

// Draws each element from the normal distribution, in memory order.
void FillNormal(double mean, double standard_deviation, Random& random,
                absl::Span<float> values);

// start, start + 1, start + 2, ...
void FillIota(float start, absl::Span<float> values);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_FILL_H_
