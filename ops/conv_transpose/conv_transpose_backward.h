// The gradients of a transposed convolution, which the convolution that it runs
// backwards computes:
//
//   dx   that convolution of dy
//   dw   its gradient by its filter for the input dy, where x is the gradient
//        by its output
//
// That convolution's filter is w with its channels swapped: [input_channels,
// Kd, Kh, Kw, output_channels].

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

// The convolution that is run backwards, from this one's output to its input,
// without a bias. Where output padding is more than what is cut off after the
// end, its windows leave a rest of the difference, which can be a stride or
// more. Errors: InvalidArgument for numbers that cannot be counted.
absl::StatusOr<ConvGeometry> ConvolutionRunBackwards(
    const ConvTransposeGeometry& geometry);

// An array for that convolution's filter. Errors: ResourceExhausted,
// InvalidArgument for more elements than can be counted.
absl::StatusOr<Tensor> MakeSwappedFilter(const ConvTransposeGeometry& geometry);

// Writes w with its channels swapped.
void SwapFilterChannels(const ConvTransposeGeometry& geometry, const float* w,
                        float* swapped);

class ConvTransposeBackward {
 public:
  // `convolution` is a kernel of ConvolutionRunBackwards() for blocks of up to
  // `images` images.
  ConvTransposeBackward(const ConvTransposeGeometry& geometry,
                        std::unique_ptr<Kernel> convolution, int64_t images);

  // `buffers` are those of the transposed convolution, with gradients;
  // `swapped_filter` must outlive this. Errors: as Kernel::Bind().
  absl::Status Bind(const KernelBuffers& buffers, const float* swapped_filter);

  // After the swapped filter has changed. Errors: as
  // Kernel::ParametersChanged().
  absl::Status FilterChanged() { return convolution_->ParametersChanged(); }

  // Writes dx, if it is wanted, and adds to dw unless it is null.
  void Run(int64_t images, float* dw);

 private:
  const ConvTransposeGeometry g_;
  const std::unique_ptr<Kernel> convolution_;
  const int64_t block_;
  bool wants_input_gradient_ = false;
  Tensor swapped_filter_gradient_;
  // Memory for dx if only dw is wanted: a convolution's backward goes through
  // its forward.
  Tensor unwanted_input_gradient_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_BACKWARD_H_
