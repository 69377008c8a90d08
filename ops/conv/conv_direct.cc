#include "ops/conv/conv_direct.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/status_macros.h"
#include "ops/activation/activation_functions.h"
#include "ops/conv/conv_direct_pixels.h"
#include "ops/direct/channel_sums.h"
#include "ops/direct/inference_kernel.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

class ConvDirectKernel : public InferenceKernel {
 public:
  ConvDirectKernel(const ConvGeometry& geometry,
                   std::optional<ActivationSpec> activation)
      : g_(geometry),
        activation_(activation),
        padded_(PaddedInput(geometry)),
        steps_(Volume(geometry.window.kernel) * geometry.input_channels),
        tile_(ChooseChannelSumsTile(g_.output[2], g_.output_channels)) {}

  absl::Status ParametersChanged() override {
    PackChannelWeights(tile_, g_.output_channels, steps_,
                       buffers().parameters[0], packed_filter_.data());
    if (g_.has_bias) {
      std::copy_n(buffers().parameters[1], g_.output_channels,
                  packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const int64_t x_image = Volume(g_.input) * g_.input_channels;
    const int64_t y_image = Volume(g_.output) * g_.output_channels;
    for (int64_t n = 0; n < images; ++n) {
      const float* x = buffers().inputs[0] + n * x_image;
      if (HasPadding()) {
        CopyIntoPadding(x);
        x = padded_x_.data();
      }
      ForwardImage(x, buffers().output + n * y_image);
    }
    if (activation_ && !IsRelu(activation_)) {
      Activate(*activation_, images * y_image, buffers().output,
               buffers().output);
    }
  }

 private:
  absl::Status Allocate() override {
    const int64_t channels = PackedChannels(g_.output_channels);
    LENSLET_ASSIGN_OR_RETURN(const Shape filter,
                             Shape::Create({steps_, channels}));
    LENSLET_ASSIGN_OR_RETURN(packed_filter_,
                             Tensor::Create(ElementType::kFloat32, filter));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, {channels}));
    if (HasPadding()) {
      LENSLET_ASSIGN_OR_RETURN(
          const Shape padded, Shape::Create({padded_[0], padded_[1], padded_[2],
                                             g_.input_channels}));
      LENSLET_ASSIGN_OR_RETURN(padded_x_,
                               Tensor::Create(ElementType::kFloat32, padded));
    }
    ListRuns();
    return absl::OkStatus();
  }

  bool HasPadding() const { return !(padded_ == g_.input); }

  // The numbers under a row of the filter follow each other, unless it is
  // dilated.
  void ListRuns() {
    const Window& w = g_.window;
    const int64_t per_row = w.dilation[2] == 1 ? 1 : w.kernel[2];
    const int64_t count = w.kernel[2] / per_row * g_.input_channels;
    for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
      for (int64_t kh = 0; kh < w.kernel[1]; ++kh) {
        for (int64_t k = 0; k < per_row; ++k) {
          runs_.push_back(
              {.x = ((kd * w.dilation[0] * padded_[1] + kh * w.dilation[1]) *
                         padded_[2] +
                     k * w.dilation[2]) *
                    g_.input_channels,
               .step = static_cast<int64_t>(runs_.size()) * count,
               .count = count});
        }
      }
    }
  }

  // The padding itself is zero from the start.
  void CopyIntoPadding(const float* from) {
    const Axes& before = g_.window.padding.before;
    const int64_t row = g_.input[2] * g_.input_channels;
    for (int64_t d = 0; d < g_.input[0]; ++d) {
      for (int64_t h = 0; h < g_.input[1]; ++h) {
        const int64_t to =
            ((d + before[0]) * padded_[1] + h + before[1]) * padded_[2] +
            before[2];
        std::copy_n(from, row, padded_x_.data() + to * g_.input_channels);
        from += row;
      }
    }
  }

  void ForwardImage(const float* x, float* y) {
    const Axes& stride = g_.window.stride;
    const int64_t x_row = padded_[2] * g_.input_channels;
    const int64_t y_row = g_.output[2] * g_.output_channels;
    ChannelSums sums = {.runs = runs_,
                        .rows = g_.output[1],
                        .positions = g_.output[2],
                        .channels = g_.output_channels,
                        .steps = steps_,
                        .x_stride = stride[2] * g_.input_channels,
                        .x_row_stride = stride[1] * x_row,
                        .packed_w = packed_filter_.data(),
                        .packed_start = packed_bias_.data(),
                        .y_stride = g_.output_channels,
                        .y_row_stride = y_row};
    // A rectifier costs nothing while the sums are still in registers.
    if (IsRelu(activation_)) sums.minimum = 0;
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      sums.x = x + d * stride[0] * padded_[1] * x_row;
      sums.y = y + d * g_.output[1] * y_row;
      ComputeChannelSums(sums, tile_);
    }
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const Axes padded_;  // The size of the padded input.
  const int64_t steps_;
  const TileSize tile_;
  std::vector<ChannelRun> runs_;
  Tensor packed_filter_;
  Tensor packed_bias_;  // Zero if there is none.
  Tensor padded_x_;
};

// Whether vectors of pixels are fuller than those of channels.
bool PrefersPixels(const ConvGeometry& g) {
  const int64_t lanes = ChannelLanes();
  return CanConvolvePixels(g) && 5 * g.output_channels < 3 * lanes &&
         2 * g.output[2] > lanes;
}

}  // namespace

std::unique_ptr<Kernel> MakeConvDirectKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation) {
  if (PrefersPixels(geometry)) {
    return MakeConvDirectPixelsKernel(geometry, activation);
  }
  return std::make_unique<ConvDirectKernel>(geometry, activation);
}

}  // namespace lenslet
