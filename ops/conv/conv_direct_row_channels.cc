#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_direct_winograd.h"
#include "lenslet/ops/conv/conv_pool.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/interleave.h"
#include "lenslet/ops/direct/winograd_row_channels.h"
#include "lenslet/ops/direct/winograd_rows.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

int64_t RowTilesOf(const ConvGeometry& g) {
  return (g.output[2] + kRowOutputs - 1) / kRowOutputs;
}

class ConvDirectRowChannelsKernel : public InferenceKernel {
 public:
  ConvDirectRowChannelsKernel(const ConvGeometry& geometry,
                              const EpilogueGeometry& epilogue)
      : g_(geometry),
        activation_(epilogue.activation),
        pool_(*Pool2x2Of(epilogue)),
        output_(epilogue.pool ? epilogue.pool->output : geometry.output),
        taps_(geometry.window.kernel[1]),
        tiles_(RowTilesOf(geometry)),
        rows_at_once_(RowsAtOnce()),
        packed_inputs_(PackedChannels(g_.input_channels)),
        packed_outputs_(PackedChannels(g_.output_channels)),
        tile_(ChooseChannelSumsTile(rows_at_once_ * tiles_, packed_outputs_)),
        point_rows_(g_.output[1] + taps_ - 1),
        // Vectors of neighboring points lie in different sets of the caches.
        input_stride_(Stride(point_rows_ * tiles_ * packed_inputs_)),
        output_stride_(Stride(rows_at_once_ * tiles_ * packed_outputs_)),
        filter_point_(taps_ * g_.input_channels * packed_outputs_) {
    for (int64_t i = 0; i < taps_; ++i) {
      runs_.push_back({.x = i * tiles_ * packed_inputs_,
                       .step = i * g_.input_channels,
                       .count = g_.input_channels});
    }
  }

  absl::Status ParametersChanged() override {
    const int64_t filters = g_.output_channels;
    const int64_t steps = taps_ * g_.input_channels;
    // Each filter row of each input channel is a row of taps.
    std::vector<float> rows(filters * steps * kRowTaps);
    for (int64_t row = 0; row < filters * taps_; ++row) {
      for (int64_t tap = 0; tap < kRowTaps; ++tap) {
        for (int64_t c = 0; c < g_.input_channels; ++c) {
          rows[(row * g_.input_channels + c) * kRowTaps + tap] =
              ParameterData(0)[(row * kRowTaps + tap) * g_.input_channels + c];
        }
      }
    }
    std::vector<float> point(filters * steps);
    for (int p = 0; p < kRowPoints; ++p) {
      for (int64_t i = 0; i < filters * steps; ++i) {
        point[i] = RowFilterPoint(p, rows.data() + i * kRowTaps);
      }
      PackChannelWeights(tile_, filters, steps, point.data(),
                         filter_.data() + p * filter_point_);
    }
    if (g_.has_bias) {
      std::copy_n(ParameterData(1), filters, packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const int64_t x_image = Volume(g_.input) * g_.input_channels;
    const int64_t y_image = Volume(output_) * g_.output_channels;
    for (int64_t n = 0; n < images; ++n) {
      TransformImage(InputData(0) + n * x_image);
      ForwardImage(OutputData() + n * y_image);
    }
    ActivateUnlessRelu(activation_, images * y_image, OutputData());
  }

 private:
  // Products of about that many tiles stay in the L1 cache. Even, for pooling.
  int64_t RowsAtOnce() const {
    constexpr int64_t kTilesAtOnce = 32;
    const int64_t rows = std::max(int64_t{2}, kTilesAtOnce / tiles_ / 2 * 2);
    return std::min(rows, g_.output[1]);
  }

  static int64_t Stride(int64_t floats) {
    return (LaneGroups(floats) + 1) * kLanes;
  }

  absl::Status Allocate() override {
    const auto make = [](int64_t floats, Tensor& tensor) -> absl::Status {
      LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({floats}));
      LENSLET_ASSIGN_OR_RETURN(tensor,
                               Tensor::Create(ElementType::kFloat32, shape));
      return absl::OkStatus();
    };
    LENSLET_RETURN_IF_ERROR(make(kRowPoints * filter_point_, filter_));
    LENSLET_RETURN_IF_ERROR(make(packed_outputs_, packed_bias_));
    LENSLET_RETURN_IF_ERROR(make(packed_outputs_, zeros_));
    LENSLET_RETURN_IF_ERROR(
        make(kRowOutputs * (tiles_ + 1) * g_.input_channels, row_));
    LENSLET_RETURN_IF_ERROR(make(kRowPoints * input_stride_, points_));
    return make(kRowPoints * output_stride_, products_);
  }

  // Rows and columns of padding are zero from the start.
  void TransformImage(const float* x) {
    const Axes& before = g_.window.padding.before;
    const int64_t channels = g_.input_channels;
    const int64_t columns =
        std::min(g_.input[2], kRowOutputs * (tiles_ + 1) - before[2]);
    const int64_t rows = std::min(g_.input[1], point_rows_ - before[1]);
    for (int64_t h = 0; h < rows; ++h) {
      std::copy_n(x + h * g_.input[2] * channels, columns * channels,
                  row_.data() + before[2] * channels);
      TransformRowChannelsInput(
          {.x = row_.data(),
           .channels = channels,
           .tiles = tiles_,
           .points = points_.data() + (h + before[1]) * tiles_ * packed_inputs_,
           .point_stride = input_stride_});
    }
  }

  void ForwardImage(float* y) {
    ChannelSums sums = {.runs = runs_,
                        .rows = kRowPoints,
                        .channels = packed_outputs_,
                        .steps = taps_ * g_.input_channels,
                        .x_stride = packed_inputs_,
                        .x_row_stride = input_stride_,
                        .packed_w = filter_.data(),
                        .w_row_stride = filter_point_,
                        .packed_start = zeros_.data(),
                        .y = products_.data(),
                        .y_stride = packed_outputs_,
                        .y_row_stride = output_stride_};
    WinogradRowChannelsOutput output = {
        .columns = g_.output[2],
        .channels = g_.output_channels,
        .tiles = tiles_,
        .products = products_.data(),
        .point_stride = output_stride_,
        .packed_start = packed_bias_.data(),
        .minimum = IsRelu(activation_)
                       ? 0.0f
                       : -std::numeric_limits<float>::infinity(),
        .pool = pool_,
        .y = y};
    for (int64_t row = 0; row < g_.output[1]; row += rows_at_once_) {
      output.rows = std::min(rows_at_once_, g_.output[1] - row);
      sums.positions = output.rows * tiles_;
      sums.x = points_.data() + row * tiles_ * packed_inputs_;
      ComputeChannelSums(sums, tile_);
      TransformRowChannelsOutput(output);
      const int64_t window = pool_ == Pool2x2::kNone ? 1 : 2;
      output.y += output.rows / window * output_[2] * g_.output_channels;
    }
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const Pool2x2 pool_;
  const Axes output_;
  const int64_t taps_;   // Of the filter, along columns.
  const int64_t tiles_;  // Of a row.
  const int64_t rows_at_once_;
  const int64_t packed_inputs_;
  const int64_t packed_outputs_;
  const TileSize tile_;
  const int64_t point_rows_;
  const int64_t input_stride_;
  const int64_t output_stride_;
  const int64_t filter_point_;
  std::vector<ChannelRun> runs_;  // Rows of the filter.
  Tensor filter_;                 // [point], each as PackChannelWeights().
  Tensor packed_bias_;            // Zero if there is none.
  Tensor zeros_;
  Tensor row_;       // A padded row of the input.
  Tensor points_;    // [point][point_rows_, tiles_, packed_inputs_]
  Tensor products_;  // [point][rows_at_once_, tiles_, packed_outputs_]
};

// In multiply-adds of vectors, as a share of those of sums of products. As in
// DirectWinogradShare(); a transform of a tile's vector has a fifth of the
// loads, stores and additions.
double RowChannelsShare(const ConvGeometry& g) {
  constexpr double kTransform = 50;
  const auto inputs = static_cast<double>(LaneGroups(g.input_channels));
  const auto outputs = static_cast<double>(LaneGroups(g.output_channels));
  const double pairs = static_cast<double>(g.input_channels) * outputs;
  const auto taps = static_cast<double>(g.window.kernel[1]);
  const auto rows = static_cast<double>(g.output[1]);
  const auto tiles = static_cast<double>(RowTilesOf(g));
  const double products = kRowPoints * taps * pairs * rows * tiles;
  const double transforms =
      kTransform * tiles * ((rows + taps - 1) * inputs + rows * outputs);
  const double sums =
      kRowTaps * taps * pairs * rows * static_cast<double>(g.output[2]);
  return (products + transforms) / sums;
}

}  // namespace

bool PrefersWinogradRowChannels(const ConvGeometry& geometry) {
  const Window& w = geometry.window;
  if (geometry.input_channels == 1 || geometry.groups != 1 ||
      geometry.output_channels <= kMaxInterleavedChannels ||
      geometry.output[0] != 1 || w.kernel[0] != 1 || w.kernel[2] != kRowTaps ||
      w.stride[1] != 1 || w.stride[2] != 1 || w.dilation[1] != 1 ||
      w.dilation[2] != 1) {
    return false;
  }
  const double share = RowChannelsShare(geometry);
  if (share >= 1) return false;
  return !DirectWinogradIsFaster(geometry) ||
         share < DirectWinogradShare(ForwardWinograd(geometry));
}

std::unique_ptr<Kernel> MakeConvDirectRowChannelsKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue) {
  return std::make_unique<ConvDirectRowChannelsKernel>(geometry, epilogue);
}

}  // namespace lenslet
