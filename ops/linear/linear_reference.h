// The definition of the linear operator and its gradients, as loops.

#ifndef LENSLET_OPS_LINEAR_LINEAR_REFERENCE_H_
#define LENSLET_OPS_LINEAR_LINEAR_REFERENCE_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/linear/linear_spec.h"

namespace lenslet {

// `rows` is the number of rows of one image. Parameters: weight and, if the
// spec has one, bias. Sums are in double.
std::unique_ptr<Kernel> MakeLinearReferenceKernel(const LinearSpec& spec,
                                                  int64_t rows);

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_LINEAR_REFERENCE_H_
