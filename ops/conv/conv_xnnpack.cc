#include <optional>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/bias_gradient.h"
#include "lenslet/ops/conv/conv_filter_gradient.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/ops/xnnpack_limits.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class ConvXnnpackKernel : public Kernel {
 public:
  ConvXnnpackKernel(const ConvGeometry& geometry, int64_t images)
      : g_(geometry),
        block_(images),
        group_inputs_(g_.input_channels / g_.groups),
        group_outputs_(g_.output_channels / g_.groups) {}

  // Gradients need memory of their own, where they are wanted.
  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    if (this->buffers().output_gradient != nullptr) {
      LENSLET_ASSIGN_OR_RETURN(filter_gradient_,
                               ConvFilterGradient::Create(g_));
    }
    if (WantsInputGradient()) {
      LENSLET_RETURN_IF_ERROR(CheckXnnDeconvolution(
          g_.window, g_.input, group_outputs_, group_inputs_));
      LENSLET_ASSIGN_OR_RETURN(
          const Shape shape,
          Shape::Create({g_.input_channels, g_.window.kernel[1],
                         g_.window.kernel[2], group_outputs_}));
      LENSLET_ASSIGN_OR_RETURN(transposed_filter_,
                               Tensor::Create(ElementType::kFloat32, shape));
    }
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    LENSLET_RETURN_IF_ERROR(CreateForward());
    LENSLET_RETURN_IF_ERROR(XnnStatus("convolution", SetUpForward(block_)));
    if (!WantsInputGradient()) return absl::OkStatus();
    LENSLET_RETURN_IF_ERROR(CreateInputGradient());
    return XnnStatus("deconvolution", SetUpInputGradient(block_));
  }

  void Forward(int64_t images) override {
    if (images != forward_images_) CheckXnn(SetUpForward(images));
    RunXnn(forward_);
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const float* dy = buffers().output_gradient;
    if (parameter_gradients[0] != nullptr) {
      filter_gradient_->Add(images, InputData(0), dy, parameter_gradients[0]);
    }
    if (g_.has_bias && parameter_gradients[1] != nullptr) {
      AddBiasGradient(images * g_.output[1] * g_.output[2], g_.output_channels,
                      dy, parameter_gradients[1]);
    }
    if (WantsInputGradient()) {
      if (images != input_gradient_images_) {
        CheckXnn(SetUpInputGradient(images));
      }
      RunXnn(input_gradient_);
    }
  }

 private:
  bool WantsInputGradient() const {
    return buffers().output_gradient != nullptr &&
           buffers().input_gradients[0] != nullptr;
  }

  absl::Status CreateForward() {
    const Window& w = g_.window;
    return CreateXnnOperator(
        "convolution",
        [&](xnn_operator_t* op) {
          return xnn_create_convolution2d_nhwc_f32(
              w.padding.before[1], w.padding.after[2], w.padding.after[1],
              w.padding.before[2], w.kernel[1], w.kernel[2], w.stride[1],
              w.stride[2], w.dilation[1], w.dilation[2], g_.groups,
              group_inputs_, group_outputs_, g_.input_channels,
              g_.output_channels, ParameterData(0),
              g_.has_bias ? ParameterData(1) : nullptr, kXnnNoMin, kXnnNoMax,
              /*flags=*/0, op);
        },
        forward_);
  }

  xnn_status SetUpForward(int64_t images) {
    forward_images_ = images;
    return SetUpXnnConvolution(forward_, images, g_.input[1], g_.input[2],
                               InputData(0), OutputData());
  }

  // The data gradient is the deconvolution (transposed convolution) of the
  // output's gradient with the same window and the filter's channels swapped,
  // in each group.
  absl::Status CreateInputGradient() {
    const int64_t taps = g_.window.kernel[1] * g_.window.kernel[2];
    const float* filter = ParameterData(0);
    float* transposed = transposed_filter_.data();
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      const int64_t group = k / group_outputs_;
      float* to = transposed + group * group_inputs_ * taps * group_outputs_ +
                  k % group_outputs_;
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t c = 0; c < group_inputs_; ++c) {
          to[(c * taps + tap) * group_outputs_] = *filter++;
        }
      }
    }
    const Window& w = g_.window;
    return CreateXnnOperator(
        "deconvolution",
        [&](xnn_operator_t* op) {
          return xnn_create_deconvolution2d_nhwc_f32(
              w.padding.before[1], w.padding.after[2], w.padding.after[1],
              w.padding.before[2], w.kernel[1], w.kernel[2], w.stride[1],
              w.stride[2], w.dilation[1], w.dilation[2], g_.groups,
              group_outputs_, group_inputs_, g_.output_channels,
              g_.input_channels, transposed, /*bias=*/nullptr, kXnnNoMin,
              kXnnNoMax, /*flags=*/0, op);
        },
        input_gradient_);
  }

  // Input positions after the last window, which a stride above 1 leaves.
  int64_t Remainder(int axis) const {
    const Window& w = g_.window;
    return (g_.input[axis] + w.padding.before[axis] + w.padding.after[axis] -
            Extent(w, axis)) %
           w.stride[axis];
  }

  xnn_status SetUpInputGradient(int64_t images) {
    input_gradient_images_ = images;
    return xnn_setup_deconvolution2d_nhwc_f32(
        input_gradient_.get(), images, g_.output[1], g_.output[2], Remainder(1),
        Remainder(2), buffers().output_gradient, buffers().input_gradients[0],
        /*threadpool=*/nullptr);
  }

  const ConvGeometry g_;
  const int64_t block_;
  const int64_t group_inputs_;
  const int64_t group_outputs_;
  std::optional<ConvFilterGradient> filter_gradient_;
  Tensor transposed_filter_;
  XnnOperator forward_;
  XnnOperator input_gradient_;
  // What the operators are set up for.
  int64_t forward_images_ = 0;
  int64_t input_gradient_images_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvXnnpackKernel(
    const ConvGeometry& geometry, int64_t images) {
  LENSLET_RETURN_IF_ERROR(CheckXnnWindow("convolution", geometry.window,
                                         geometry.input, geometry.output));
  const bool depthwise = geometry.groups == geometry.input_channels &&
                         geometry.groups == geometry.output_channels;
  LENSLET_RETURN_IF_ERROR(
      CheckXnnConvolution(geometry.window, geometry.output, depthwise));
  return std::make_unique<ConvXnnpackKernel>(geometry, images);
}

}  // namespace lenslet
