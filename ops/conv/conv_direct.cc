#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_direct_winograd.h"
#include "lenslet/ops/conv/conv_padded_image.h"
#include "lenslet/ops/conv/conv_pool.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Whether each output reads the position of its own number alone, so that rows
// follow each other in the input as they do in the output.
bool IsPointwise(const ConvGeometry& g) {
  return Volume(g.window.kernel) == 1 && Volume(g.window.stride) == 1 &&
         PaddedInput(g) == g.input;
}

// Whether the rows of the output are so short that a tile should hold several
// of them: each vector of the filter that is loaded then serves more positions.
bool HasShortRows(const ConvGeometry& g) {
  return g.groups == 1 && g.output[2] <= 4 && Volume(g.output) > g.output[2] &&
         Volume(g.output) <= 16;
}

class ConvDirectKernel : public InferenceKernel {
 public:
  ConvDirectKernel(const ConvGeometry& geometry,
                   std::optional<ActivationSpec> activation)
      : g_(geometry),
        activation_(activation),
        padded_(geometry),
        group_inputs_(g_.input_channels / g_.groups),
        group_outputs_(g_.output_channels / g_.groups),
        steps_(Volume(geometry.window.kernel) * group_inputs_),
        packed_outputs_(PackedChannels(group_outputs_)),
        merges_rows_(IsPointwise(geometry)),
        copies_patches_(!merges_rows_ && HasShortRows(geometry)),
        tile_(ChooseChannelSumsTile(
            merges_rows_ || copies_patches_ ? Volume(g_.output) : g_.output[2],
            group_outputs_)) {}

  absl::Status ParametersChanged() override {
    for (int64_t group = 0; group < g_.groups; ++group) {
      PackChannelWeights(
          tile_, group_outputs_, steps_,
          ParameterData(0) + group * group_outputs_ * steps_,
          packed_filter_.data() + group * steps_ * packed_outputs_);
      if (!g_.has_bias) continue;
      std::copy_n(ParameterData(1) + group * group_outputs_, group_outputs_,
                  packed_bias_.data() + group * packed_outputs_);
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const int64_t x_image = Volume(g_.input) * g_.input_channels;
    const int64_t y_image = Volume(g_.output) * g_.output_channels;
    if (merges_rows_) {
      // As many images as stay in the L1 cache for each panel of weights.
      constexpr int64_t kFloats = 16 * 1024 / sizeof(float);
      const int64_t at_once = std::max(int64_t{1}, kFloats / x_image);
      for (int64_t n = 0; n < images; n += at_once) {
        ComputeSlice(InputData(0) + n * x_image, OutputData() + n * y_image,
                     /*rows=*/1,
                     std::min(at_once, images - n) * Volume(g_.output));
      }
    }
    for (int64_t n = 0; !merges_rows_ && n < images; ++n) {
      ForwardImage(padded_.Of(InputData(0) + n * x_image),
                   OutputData() + n * y_image);
    }
    ActivateUnlessRelu(activation_, images * y_image, OutputData());
  }

 private:
  absl::Status Allocate() override {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape filter,
        Shape::Create({g_.groups, steps_, packed_outputs_}));
    LENSLET_ASSIGN_OR_RETURN(packed_filter_,
                             Tensor::Create(ElementType::kFloat32, filter));
    LENSLET_ASSIGN_OR_RETURN(const Shape bias,
                             Shape::Create({g_.groups, packed_outputs_}));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, bias));
    LENSLET_RETURN_IF_ERROR(padded_.Allocate());
    ListRuns();
    if (!copies_patches_) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(const Shape patches,
                             Shape::Create({Volume(g_.output), steps_}));
    LENSLET_ASSIGN_OR_RETURN(patches_,
                             Tensor::Create(ElementType::kFloat32, patches));
    return absl::OkStatus();
  }

  // The numbers under a row of the filter follow each other, unless it is
  // dilated or others' channels are between them.
  void ListRuns() {
    const Window& w = g_.window;
    const int64_t per_row =
        w.dilation[2] == 1 && g_.groups == 1 ? 1 : w.kernel[2];
    const int64_t count = w.kernel[2] / per_row * group_inputs_;
    for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
      for (int64_t kh = 0; kh < w.kernel[1]; ++kh) {
        for (int64_t k = 0; k < per_row; ++k) {
          runs_.push_back({.x = ((kd * w.dilation[0] * padded_.size()[1] +
                                  kh * w.dilation[1]) *
                                     padded_.size()[2] +
                                 k * w.dilation[2]) *
                                g_.input_channels,
                           .step = static_cast<int64_t>(runs_.size()) * count,
                           .count = count});
        }
      }
    }
  }

  // Each position's numbers, one after the other, in the order of the steps.
  void CopyPatches(const float* x) {
    const Axes& stride = g_.window.stride;
    float* to = patches_.data();
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      for (int64_t h = 0; h < g_.output[1]; ++h) {
        for (int64_t w = 0; w < g_.output[2]; ++w) {
          const float* from =
              x + ((d * stride[0] * padded_.size()[1] + h * stride[1]) *
                       padded_.size()[2] +
                   w * stride[2]) *
                      g_.input_channels;
          for (const ChannelRun& run : runs_) {
            to = std::copy_n(from + run.x, run.count, to);
          }
        }
      }
    }
  }

  void ForwardPatches(float* y) {
    const ChannelRun run = {.count = steps_};
    ChannelSums sums = {.runs = absl::MakeConstSpan(&run, 1),
                        .positions = Volume(g_.output),
                        .channels = group_outputs_,
                        .steps = steps_,
                        .x = patches_.data(),
                        .x_stride = steps_,
                        .packed_w = packed_filter_.data(),
                        .packed_start = packed_bias_.data(),
                        .y = y,
                        .y_stride = g_.output_channels};
    if (IsRelu(activation_)) sums.minimum = 0;
    ComputeChannelSums(sums, tile_);
  }

  void ForwardImage(const float* x, float* y) {
    if (copies_patches_) {
      CopyPatches(x);
      ForwardPatches(y);
      return;
    }
    const int64_t x_slice =
        g_.window.stride[0] * padded_.size()[1] * padded_.size()[2];
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      ComputeSlice(x, y, g_.output[1], g_.output[2]);
      x += x_slice * g_.input_channels;
      y += g_.output[1] * g_.output[2] * g_.output_channels;
    }
  }

  // Of all groups.
  void ComputeSlice(const float* x, float* y, int64_t rows, int64_t positions) {
    const Axes& stride = g_.window.stride;
    ChannelSums sums = {
        .runs = runs_,
        .rows = rows,
        .positions = positions,
        .channels = group_outputs_,
        .steps = steps_,
        .x_stride = stride[2] * g_.input_channels,
        .x_row_stride = stride[1] * padded_.size()[2] * g_.input_channels,
        .y_stride = g_.output_channels,
        .y_row_stride = positions * g_.output_channels};
    // A rectifier costs nothing while the sums are still in registers.
    if (IsRelu(activation_)) sums.minimum = 0;
    for (int64_t group = 0; group < g_.groups; ++group) {
      sums.x = x + group * group_inputs_;
      sums.packed_w = packed_filter_.data() + group * steps_ * packed_outputs_;
      sums.packed_start = packed_bias_.data() + group * packed_outputs_;
      sums.y = y + group * group_outputs_;
      ComputeChannelSums(sums, tile_);
    }
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  ConvPaddedImage padded_;
  const int64_t group_inputs_;
  const int64_t group_outputs_;
  const int64_t steps_;           // Of a group.
  const int64_t packed_outputs_;  // Of a group.
  const bool merges_rows_;
  const bool copies_patches_;
  const TileSize tile_;
  std::vector<ChannelRun> runs_;
  Tensor packed_filter_;
  Tensor packed_bias_;  // Zero if there is none.
  Tensor patches_;
};

// Whether vectors of pixels take less time than vectors of channels. In the
// time of a vector's multiply-add, by measurement of 18 shapes: a step of a
// vector of channels takes 1.4, as its number is loaded as well; a number of
// the input takes 6 on its way to its plane, unless rows are copied as they
// are, and one of the output 2 on its way back.
bool PrefersPixels(const ConvGeometry& g) {
  const int64_t lanes = ChannelLanes();
  if (!CanConvolvePixels(g) || 2 * g.output[2] <= lanes) return false;
  const Axes& stride = g.window.stride;
  const bool copies_rows = g.input_channels == 1 && stride[2] == 1;
  // Of one position of the output.
  const double steps = Volume(g.window.kernel) * g.input_channels;
  const double inputs = stride[1] * stride[2] * g.input_channels;
  const double outputs = g.output_channels;
  const double by_channels = 1.4 * steps * std::ceil(outputs / lanes);
  const double by_pixels =
      steps * outputs / lanes + (copies_rows ? 0 : 6 * inputs) + 2 * outputs;
  return by_pixels < by_channels;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvDirectKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue,
    bool exact) {
  const bool pools = epilogue.pool.has_value();
  if (pools && !Pool2x2Of(epilogue)) return NoFusion(Backend::kDirect);
  if (!pools && CanConvolveSmallMap(geometry)) {
    return MakeConvDirectSmallMapKernel(geometry, epilogue.activation);
  }
  if (!exact && PrefersWinogradRowChannels(geometry)) {
    return MakeConvDirectRowChannelsKernel(geometry, epilogue);
  }
  if (!exact && DirectWinogradIsFaster(geometry)) {
    return MakeConvDirectWinogradKernel(geometry, epilogue);
  }
  if (!exact && PrefersWinogradRows(geometry)) {
    return MakeConvDirectRowsKernel(geometry, epilogue);
  }
  if (PrefersPixels(geometry)) {
    if (pools) return NoFusion(Backend::kDirect);
    return MakeConvDirectPixelsKernel(geometry, epilogue.activation);
  }
  if (CanConvolveTaps(geometry)) {
    return MakeConvDirectTapsKernel(geometry, epilogue);
  }
  if (pools) return NoFusion(Backend::kDirect);
  return std::make_unique<ConvDirectKernel>(geometry, epilogue.activation);
}

}  // namespace lenslet
