#include <algorithm>
#include <cstdint>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/small_map_sums.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kSmallMapTaps = 9;

class ConvDirectSmallMapKernel : public InferenceKernel {
 public:
  ConvDirectSmallMapKernel(const ConvGeometry& geometry,
                           std::optional<ActivationSpec> activation)
      : g_(geometry),
        activation_(activation),
        tile_(ChooseSmallMapTile(g_.output[2], g_.output_channels)) {}

  absl::Status ParametersChanged() override {
    PackChannelWeights(tile_, g_.output_channels,
                       kSmallMapTaps * g_.input_channels, ParameterData(0),
                       packed_filter_.data());
    if (g_.has_bias) {
      std::copy_n(ParameterData(1), g_.output_channels, packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    SmallMapSums sums = {.side = g_.output[2],
                         .input_channels = g_.input_channels,
                         .channels = g_.output_channels,
                         .x = InputData(0),
                         .packed_w = packed_filter_.data(),
                         .packed_start = packed_bias_.data(),
                         .y = OutputData()};
    if (IsRelu(activation_)) sums.minimum = 0;
    const int64_t y_image = Volume(g_.output) * g_.output_channels;
    for (int64_t n = 0; n < images; ++n) {
      ComputeSmallMapSums(sums, tile_);
      sums.x += Volume(g_.input) * g_.input_channels;
      sums.y += y_image;
    }
    ActivateUnlessRelu(activation_, images * y_image, OutputData());
  }

 private:
  absl::Status Allocate() override {
    const int64_t outputs = PackedChannels(g_.output_channels);
    LENSLET_ASSIGN_OR_RETURN(
        const Shape filter,
        Shape::Create({kSmallMapTaps, g_.input_channels, outputs}));
    LENSLET_ASSIGN_OR_RETURN(packed_filter_,
                             Tensor::Create(ElementType::kFloat32, filter));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, {outputs}));
    return absl::OkStatus();
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const TileSize tile_;
  Tensor packed_filter_;
  Tensor packed_bias_;  // Zero if there is none.
};

}  // namespace

bool CanConvolveSmallMap(const ConvGeometry& geometry) {
  const Window& w = geometry.window;
  const int64_t side = geometry.input[2];
  return geometry.groups == 1 && (side == 2 || side == 3) &&
         geometry.input == Axes{1, side, side} &&
         geometry.output == geometry.input && w.kernel == Axes{1, 3, 3} &&
         w.padding.before == Axes{0, 1, 1} &&
         w.padding.after == Axes{0, 1, 1} && w.stride[1] == 1 &&
         w.stride[2] == 1 && w.dilation[1] == 1 && w.dilation[2] == 1;
}

std::unique_ptr<Kernel> MakeConvDirectSmallMapKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation) {
  return std::make_unique<ConvDirectSmallMapKernel>(geometry, activation);
}

}  // namespace lenslet
