// The definition of transposed convolution and its gradients, as loops.

#ifndef LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_REFERENCE_H_
#define LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_REFERENCE_H_

#include <memory>

#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// Parameters: filter and, if the geometry has one, bias. Sums are in double.
std::unique_ptr<Kernel> MakeConvTransposeReferenceKernel(
    const ConvTransposeGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_REFERENCE_H_
