// The definition of convolution and its gradients, as loops.

#ifndef LENSLET_OPS_CONV_CONV_REFERENCE_H_
#define LENSLET_OPS_CONV_CONV_REFERENCE_H_

#include <memory>

#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// Parameters: filter and, if the geometry has one, bias. Sums are in double.
std::unique_ptr<Kernel> MakeConvReferenceKernel(const ConvGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_REFERENCE_H_
