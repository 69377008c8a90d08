#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/bias_gradient.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/conv_transpose/conv_transpose_backward.h"
#include "lenslet/ops/conv_transpose/kernels.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/ops/xnnpack_limits.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Output positions after the last window of the convolution that is run
// backwards.
int64_t Rest(const ConvGeometry& convolution, int axis) {
  const Window& w = convolution.window;
  return PaddedInput(convolution)[axis] -
         (convolution.output[axis] - 1) * w.stride[axis] - Extent(w, axis);
}

class ConvTransposeXnnpackKernel : public Kernel {
 public:
  ConvTransposeXnnpackKernel(const ConvTransposeGeometry& geometry,
                             const ConvGeometry& convolution,
                             std::unique_ptr<Kernel> convolution_kernel,
                             int64_t images)
      : g_(geometry),
        convolution_(convolution),
        block_(images),
        backward_(geometry, std::move(convolution_kernel), images) {}

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    if (!WantsGradients()) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(swapped_filter_, MakeSwappedFilter(g_));
    return backward_.Bind(this->buffers(), swapped_filter_.data());
  }

  absl::Status ParametersChanged() override {
    LENSLET_RETURN_IF_ERROR(CreateForward());
    LENSLET_RETURN_IF_ERROR(XnnStatus("deconvolution", SetUpForward(block_)));
    if (!WantsGradients()) return absl::OkStatus();
    SwapFilterChannels(g_, ParameterData(0), swapped_filter_.data());
    return backward_.FilterChanged();
  }

  void Forward(int64_t images) override {
    if (images != forward_images_) CheckXnn(SetUpForward(images));
    RunXnn(forward_);
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    backward_.Run(images, parameter_gradients[0]);
    if (g_.has_bias && parameter_gradients[1] != nullptr) {
      AddBiasGradient(images * g_.output[1] * g_.output[2], g_.output_channels,
                      buffers().output_gradient, parameter_gradients[1]);
    }
  }

 private:
  bool WantsGradients() const { return buffers().output_gradient != nullptr; }

  absl::Status CreateForward() {
    const Window& w = convolution_.window;
    return CreateXnnOperator(
        "deconvolution",
        [&](xnn_operator_t* op) {
          return xnn_create_deconvolution2d_nhwc_f32(
              w.padding.before[1], w.padding.after[2], w.padding.after[1],
              w.padding.before[2], w.kernel[1], w.kernel[2], w.stride[1],
              w.stride[2], w.dilation[1], w.dilation[2], /*groups=*/1,
              g_.input_channels, g_.output_channels, g_.input_channels,
              g_.output_channels, ParameterData(0),
              g_.has_bias ? ParameterData(1) : nullptr, kXnnNoMin, kXnnNoMax,
              /*flags=*/0, op);
        },
        forward_);
  }

  xnn_status SetUpForward(int64_t images) {
    forward_images_ = images;
    return xnn_setup_deconvolution2d_nhwc_f32(
        forward_.get(), images, g_.input[1], g_.input[2], Rest(convolution_, 1),
        Rest(convolution_, 2), InputData(0), OutputData(),
        /*threadpool=*/nullptr);
  }

  const ConvTransposeGeometry g_;
  const ConvGeometry convolution_;
  const int64_t block_;
  ConvTransposeBackward backward_;
  Tensor swapped_filter_;
  XnnOperator forward_;
  int64_t forward_images_ = 0;  // What the operator is set up for.
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeXnnpackKernel(
    const ConvTransposeGeometry& geometry, int64_t images) {
  LENSLET_ASSIGN_OR_RETURN(const ConvGeometry convolution,
                           ConvolutionRunBackwards(geometry));
  // Its check of dimensions is that of the deconvolution, too.
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeConvXnnpackKernel(convolution, images));
  LENSLET_RETURN_IF_ERROR(
      CheckXnnDeconvolution(convolution.window, geometry.output,
                            geometry.input_channels, geometry.output_channels));
  for (int axis = 1; axis < 3; ++axis) {
    if (Rest(convolution, axis) >= convolution.window.stride[axis]) {
      return absl::UnimplementedError(absl::StrCat(
          "the deconvolution leaves ", Rest(convolution, axis),
          " positions after the last window; expected less than ",
          convolution.window.stride[axis], ", the stride, for XNNPACK"));
    }
  }
  return std::make_unique<ConvTransposeXnnpackKernel>(
      geometry, convolution, std::move(kernel), images);
}

}  // namespace lenslet
