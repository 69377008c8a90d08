// Requirements that XNNPACK's operators have but do not check. Call these
// functions before creating an operator.
//
// As of February 2022, XNNPACK does not check the following:
//
//   operator             requirement                  otherwise
//   all with a window    two dimensions: depth 1      computes a different
//                        of input, output and kernel, window
//                        no padding along depth
//   all with a window    fewer than 2^31 taps         counts them in 32 bits,
//                                                     and allocates too little
//   deconvolution with   output of at least a stride  subtracts below 0; writes
//   a stride, which XNN- along each axis              before and after its
//   PACK cuts into a                                  table of pointers and the
//   convolution for each                              output
//   offset
//   deconvolution        less than 2^32 bytes of      counts them in 32 bits,
//                        filters in a group           and allocates too little
//   average              few channels                 keeps a row of them on
//                                                     the stack
//   all with a window    memory for one pointer       Linux kills the process
//                        per tap and position
//
// Errors: Unimplemented, so that another backend takes the case;
// ResourceExhausted if the machine lacks the memory. Windows and sizes are
// resolved and three-dimensional.

#ifndef LENSLET_OPS_XNNPACK_LIMITS_H_
#define LENSLET_OPS_XNNPACK_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/window.h"

namespace lenslet {

// Checks that a three-dimensional window covers only the last two dimensions.
// `what` is the operator's name for errors, for example "convolution".
absl::Status CheckXnnWindow(absl::string_view what, const Window& window,
                            const Axes& input, const Axes& output);

// Checks the memory needed to set up a convolution with this output.
// `depthwise`: each group has one input and one output channel.
absl::Status CheckXnnConvolution(const Window& window, const Axes& output,
                                 bool depthwise);

// Checks a deconvolution with this output (the input of a convolution): the
// channels of one group, and the memory needed to set it up.
absl::Status CheckXnnDeconvolution(const Window& window, const Axes& output,
                                   int64_t group_input_channels,
                                   int64_t group_output_channels);

// Checks the memory needed to set up a pooling with this output.
absl::Status CheckXnnPool(const Window& window, const Axes& output);

// Checks averages of `channels` channels, over windows or whole inputs.
absl::Status CheckXnnAverage(int64_t channels);

}  // namespace lenslet

#endif  // LENSLET_OPS_XNNPACK_LIMITS_H_
