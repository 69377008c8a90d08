// The linear operator through XNNPACK: the output and the input's gradient by
// its fully connected operator; the parameters' gradients are computed here.
//
// XNNPACK packs the weight when an operator is created, so ParametersChanged()
// creates the operators anew: it allocates, and takes time that grows with the
// weight.

#ifndef LENSLET_OPS_LINEAR_LINEAR_XNNPACK_H_
#define LENSLET_OPS_LINEAR_LINEAR_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/linear/linear_spec.h"

namespace lenslet {

// `rows` is the number of rows of one image. Parameters: weight and, if the
// spec has one, bias.
std::unique_ptr<Kernel> MakeLinearXnnpackKernel(const LinearSpec& spec,
                                                int64_t rows);

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_LINEAR_XNNPACK_H_
