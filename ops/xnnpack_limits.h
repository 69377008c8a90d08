// What XNNPACK's operators demand of their arguments and do not check. Who
// makes an operator asks here first.
//
// As of February 2022, an operator is set up with the following unchecked:
//
//   operator             demand                       otherwise
//   all with a window    two dimensions: depth 1      computes another window's
//                        of input, output and kernel, numbers
//                        no padding along depth
//   all with a window    less than 2^31 taps          counts them in 32 bits,
//                                                     and allocates too little
//   deconvolution with   output of at least a stride  subtracts below 0; writes
//   a stride, which XNN- along each axis              before and after its
//   PACK cuts into a                                  table of pointers and the
//   convolution for each                              output
//   offset
//   deconvolution        less than 2^32 bytes of      counts them in 32 bits,
//                        filters in a group           and allocates too little
//   average              few channels                 takes a row of them from
//                                                     the stack
//   all with a window    memory for a pointer for     Linux kills the process
//                        each tap of each position
//
// Errors are Unimplemented, so that another backend takes the case, and
// ResourceExhausted for memory that the machine has not. Windows and sizes are
// resolved, and in three dimensions.

#ifndef LENSLET_OPS_XNNPACK_LIMITS_H_
#define LENSLET_OPS_XNNPACK_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/window.h"

namespace lenslet {

// That a window over three dimensions is one over the last two. `what` is the
// operator's name in errors: "convolution".
absl::Status CheckXnnWindow(absl::string_view what, const Window& window,
                            const Axes& input, const Axes& output);

// Memory to set up a convolution with that output; `depthwise` if it goes from
// one channel to one in each group.
absl::Status CheckXnnConvolution(const Window& window, const Axes& output,
                                 bool depthwise);

// A deconvolution with that output (which is a convolution's input): one
// group's channels, and memory to set it up.
absl::Status CheckXnnDeconvolution(const Window& window, const Axes& output,
                                   int64_t group_input_channels,
                                   int64_t group_output_channels);

// Memory to set up a pooling with that output.
absl::Status CheckXnnPool(const Window& window, const Axes& output);

// Averages of `channels` channels, over windows or whole inputs.
absl::Status CheckXnnAverage(int64_t channels);

}  // namespace lenslet

#endif  // LENSLET_OPS_XNNPACK_LIMITS_H_
