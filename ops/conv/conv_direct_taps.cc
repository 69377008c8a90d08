#include <algorithm>
#include <cstdint>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_padded_image.h"
#include "lenslet/ops/conv/conv_pool.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/tap_sums.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class ConvDirectTapsKernel : public InferenceKernel {
 public:
  ConvDirectTapsKernel(const ConvGeometry& geometry,
                       const EpilogueGeometry& epilogue)
      : g_(geometry),
        activation_(epilogue.activation),
        pool_(*Pool2x2Of(epilogue)),
        output_(epilogue.pool ? epilogue.pool->output : geometry.output),
        taps_(geometry.window.kernel[2]),
        padded_(geometry) {}

  absl::Status ParametersChanged() override {
    PackChannelWeights({.rows = 1, .columns = 1}, g_.output_channels,
                       taps_ * taps_, ParameterData(0), packed_filter_.data());
    if (g_.has_bias) {
      std::copy_n(ParameterData(1), g_.output_channels, packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    TapSums sums = {.taps = taps_,
                    .rows = g_.output[1],
                    .columns = g_.output[2],
                    .channels = g_.output_channels,
                    .stride_rows = g_.window.stride[1],
                    .stride_columns = g_.window.stride[2],
                    .x_row = padded_.size()[2],
                    .packed_w = packed_filter_.data(),
                    .packed_start = packed_bias_.data(),
                    .pool = pool_,
                    .y = OutputData()};
    if (IsRelu(activation_)) sums.minimum = 0;
    const float* x = InputData(0);
    const int64_t y_image = Volume(output_) * g_.output_channels;
    for (int64_t n = 0; n < images; ++n) {
      sums.x = padded_.Of(x);
      ComputeTapSums(sums);
      x += Volume(g_.input);
      sums.y += y_image;
    }
    ActivateUnlessRelu(activation_, images * y_image, OutputData());
  }

 private:
  absl::Status Allocate() override {
    const int64_t outputs = PackedChannels(g_.output_channels);
    LENSLET_ASSIGN_OR_RETURN(const Shape filter,
                             Shape::Create({taps_ * taps_, outputs}));
    LENSLET_ASSIGN_OR_RETURN(packed_filter_,
                             Tensor::Create(ElementType::kFloat32, filter));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, {outputs}));
    return padded_.Allocate();
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const Pool2x2 pool_;
  const Axes output_;
  const int64_t taps_;
  ConvPaddedImage padded_;
  Tensor packed_filter_;
  Tensor packed_bias_;  // Zero if there is none.
};

}  // namespace

bool CanConvolveTaps(const ConvGeometry& geometry) {
  const Window& w = geometry.window;
  const int64_t taps = w.kernel[2];
  return HasTapSums() && geometry.input_channels == 1 && geometry.groups == 1 &&
         geometry.output[0] == 1 && w.kernel == Axes{1, taps, taps} &&
         (taps == 3 || taps == 5) && w.dilation[1] == 1 && w.dilation[2] == 1;
}

std::unique_ptr<Kernel> MakeConvDirectTapsKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue) {
  return std::make_unique<ConvDirectTapsKernel>(geometry, epilogue);
}

}  // namespace lenslet
