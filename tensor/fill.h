// Fills memory with numbers that are the same on every machine, and makes
// tensors of such numbers. Tensor(shape) makes one of zeros.

#ifndef LENSLET_TENSOR_FILL_H_
#define LENSLET_TENSOR_FILL_H_

#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Draws each element uniformly from [low, high], in memory order.
void FillUniform(double low, double high, Random& random,
                 absl::Span<float> values);

// Draws each element from the normal distribution, in memory order.
void FillNormal(double mean, double standard_deviation, Random& random,
                absl::Span<float> values);

// start, start + 1, start + 2, ...
void FillIota(float start, absl::Span<float> values);

// Tensors of floats, for shapes known to be small: like Tensor(shape), these
// abort if there is not enough memory.
Tensor Filled(const Shape& shape, float value);
Tensor Ones(const Shape& shape);
Tensor Iota(const Shape& shape, float start = 0);  // As FillIota().

}  // namespace lenslet

#endif  // LENSLET_TENSOR_FILL_H_
