// Test cases for pooling, for ops/testing/kernel_checks.h.

#ifndef LENSLET_OPS_POOL_POOL_CASE_H_
#define LENSLET_OPS_POOL_POOL_CASE_H_

#include <cstdint>
#include <string>

#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Inputs of softmax poolings are in [-kLargestPoolInput, kLargestPoolInput] at
// all scales. Larger inputs would make the error bounds too loose to be useful.
inline constexpr double kLargestPoolInput = 2;

// A pooling of blocks of `images` images of shape `image`, with the errors that
// CheckAgainstReference() should allow. Aborts if the spec does not fit the
// shape.
KernelCase PoolKernelCase(const std::string& name, const PoolSpec& spec,
                          const Shape& image, int64_t images);

// The error of a softmax pooling's output in addition to the error of its sums,
// for inputs in [-size, size].
double SoftmaxPoolError(double temperature, double size);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_CASE_H_
