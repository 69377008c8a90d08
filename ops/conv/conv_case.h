// Test cases for convolutions, for ops/testing/kernel_checks.h.

#ifndef LENSLET_OPS_CONV_CONV_CASE_H_
#define LENSLET_OPS_CONV_CONV_CASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// A convolution of blocks of `images` images of shape `image`. Aborts if the
// spec does not fit the shape.
KernelCase ConvCase(const std::string& name, const ConvSpec& spec,
                    const Shape& image, int64_t images);

// The input channels that each output channel of layer C3 in LeNet-5 reads.
// Source: LeCun et al., 1998, table I.
std::vector<std::vector<int64_t>> LeNet5Connections();

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_CASE_H_
