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

// A bound on the error of convolutions by Winograd's algorithm
// (conv_lanes_winograd.h) of numbers from [-1, 1] with filters of taps x taps
// numbers, 3 or 5, and this many input channels. conv_case.cc derives it.
// ConvCase() uses it as rounding_error if the direct backend computes the
// output so, or lanes the output or the input's gradient.
double WinogradError(int64_t taps, int64_t channels);

// The same for the filter's gradient (conv_lanes_winograd_filter_gradient.h),
// of this many tiles. ConvCase() uses it as parameter_rounding_error if lanes
// compute it so.
double WinogradFilterGradientError(int64_t taps, int64_t tiles);

// The input channels that each output channel of layer C3 in LeNet-5 reads.
// Source: LeCun et al., 1998, table I.
std::vector<std::vector<int64_t>> LeNet5Connections();

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_CASE_H_
