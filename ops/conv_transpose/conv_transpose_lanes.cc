#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv/conv_lanes_input_gradient.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/conv_transpose/conv_transpose_backward.h"
#include "lenslet/ops/conv_transpose/kernels.h"
#include "lenslet/ops/lanes/product_sums.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class ConvTransposeLanesKernel : public Kernel {
 public:
  ConvTransposeLanesKernel(const ConvTransposeGeometry& geometry,
                           const ConvGeometry& convolution,
                           std::unique_ptr<Kernel> convolution_kernel,
                           int64_t images)
      : g_(geometry),
        forward_(ConvLanesShape(convolution)),
        backward_(geometry, std::move(convolution_kernel), images) {}

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    LENSLET_RETURN_IF_ERROR(forward_.Allocate());
    LENSLET_ASSIGN_OR_RETURN(swapped_filter_, MakeSwappedFilter(g_));
    if (!WantsGradients()) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(bias_sums_,
                             MakeFloats(g_.output_channels * kLanes));
    return backward_.Bind(this->buffers(), swapped_filter_.data());
  }

  absl::Status ParametersChanged() override {
    SwapFilterChannels(g_, ParameterData(0), swapped_filter_.data());
    forward_.SetFilter(swapped_filter_.data());
    return WantsGradients() ? backward_.FilterChanged() : absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const int64_t x_group = Volume(g_.input) * g_.input_channels * kLanes;
    const int64_t y_group = Volume(g_.output) * g_.output_channels * kLanes;
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      float* y = OutputData() + group * y_group;
      forward_.Write(InputData(0) + group * x_group, y);
      if (g_.has_bias) AddBias(y);
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    backward_.Run(images, parameter_gradients[0]);
    if (!g_.has_bias || parameter_gradients[1] == nullptr) return;
    std::fill(bias_sums_.span().begin(), bias_sums_.span().end(), 0.0f);
    AddVectorSums(LaneGroups(images) * Volume(g_.output), g_.output_channels,
                  buffers().output_gradient, bias_sums_.data());
    AddLaneSums(g_.output_channels, bias_sums_.data(), parameter_gradients[1]);
  }

 private:
  bool WantsGradients() const { return buffers().output_gradient != nullptr; }

  // To a group's output.
  void AddBias(float* y) const {
    const float* bias = ParameterData(1);
    for (int64_t o = 0; o < Volume(g_.output); ++o) {
      for (int64_t k = 0; k < g_.output_channels; ++k) {
        for (int64_t lane = 0; lane < kLanes; ++lane) y[lane] += bias[k];
        y += kLanes;
      }
    }
  }

  const ConvTransposeGeometry g_;
  ConvLanesInputGradient forward_;
  ConvTransposeBackward backward_;
  Tensor swapped_filter_;
  Tensor bias_sums_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeLanesKernel(
    const ConvTransposeGeometry& geometry, int64_t images) {
  LENSLET_ASSIGN_OR_RETURN(const ConvGeometry convolution,
                           ConvolutionRunBackwards(geometry));
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Kernel> kernel,
      MakeConvLanesKernel(convolution, images, /*epilogue=*/{},
                          /*exact=*/true));
  return std::make_unique<ConvTransposeLanesKernel>(geometry, convolution,
                                                    std::move(kernel), images);
}

}  // namespace lenslet
