// The gradients of a transposed convolution. A transposed convolution runs an
// ordinary convolution backwards, and that convolution computes the gradients:
//
//   dx   its output, for the input dy
//   dw   its filter gradient, for the input dy and the output gradient x
//
// The convolution's filter is w with its channels swapped: [input_channels, Kd,
// Kh, Kw, output_channels].

#ifndef LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_BACKWARD_H_
#define LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_BACKWARD_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The convolution that is run backwards: from the transposed convolution's
// output to its input, without a bias. Where output padding exceeds the padding
// after the end, its windows leave the difference uncovered, which can be a
// stride or more. Errors: InvalidArgument if a size overflows.
absl::StatusOr<ConvGeometry> ConvolutionRunBackwards(
    const ConvTransposeGeometry& geometry);

// Allocates the filter of that convolution. Errors: ResourceExhausted, and
// InvalidArgument if the element count overflows.
absl::StatusOr<Tensor> MakeSwappedFilter(const ConvTransposeGeometry& geometry);

// Writes w to `swapped` with its channels swapped.
void SwapFilterChannels(const ConvTransposeGeometry& geometry, const float* w,
                        float* swapped);

class ConvTransposeBackward {
 public:
  // `convolution` is a kernel of ConvolutionRunBackwards() for blocks of up to
  // `images` images.
  ConvTransposeBackward(const ConvTransposeGeometry& geometry,
                        std::unique_ptr<Kernel> convolution, int64_t images);

  // `buffers` are the transposed convolution's, with gradients.
  // `swapped_filter` must outlive this. Errors: as Kernel::Bind().
  absl::Status Bind(const KernelBuffers& buffers, const float* swapped_filter);

  // Call after the swapped filter has changed. Errors: as
  // Kernel::ParametersChanged().
  absl::Status FilterChanged() { return convolution_->ParametersChanged(); }

  // Writes dx if it is wanted. Adds to dw unless it is null.
  void Run(int64_t images, float* dw);

 private:
  const ConvTransposeGeometry g_;
  const std::unique_ptr<Kernel> convolution_;
  const int64_t block_;
  bool wants_input_gradient_ = false;
  Tensor swapped_filter_gradient_;
  // Memory for dx if only dw is wanted: the convolution must run Forward(),
  // which writes dx, before Backward().
  Tensor unwanted_input_gradient_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_BACKWARD_H_
