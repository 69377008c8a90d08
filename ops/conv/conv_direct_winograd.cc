#include "lenslet/ops/conv/conv_direct_winograd.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_pool.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/winograd_tiles.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/scratch.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

int64_t RoundUpToLanes(int64_t floats) { return LaneGroups(floats) * kLanes; }

class ConvDirectWinogradKernel : public InferenceKernel {
 public:
  ConvDirectWinogradKernel(const ConvGeometry& geometry,
                           const EpilogueGeometry& epilogue)
      : c_(ForwardWinograd(geometry)),
        has_bias_(geometry.has_bias),
        activation_(epilogue.activation),
        pool_(*Pool2x2Of(epilogue)),
        y_image_(
            Volume(epilogue.pool ? epilogue.pool->output : geometry.output) *
            geometry.output_channels),
        packed_inputs_(PackedChannels(c_.channels)),
        packed_outputs_(PackedChannels(c_.output_channels)),
        tile_rows_(WinogradTilesAlong(c_.taps, c_.output_height)),
        tile_columns_(WinogradTilesAlong(c_.taps, c_.output_width)) {
    // Vectors of a point that stay in the L1 cache for all panels of weights.
    const int64_t tiles = kTilesAtOnce;
    const int64_t pieces = (tile_columns_ + tiles - 1) / tiles;
    columns_at_once_ = (tile_columns_ + pieces - 1) / pieces;
    rows_at_once_ = std::clamp(tiles / tile_columns_, int64_t{1}, tile_rows_);
    const int64_t count = rows_at_once_ * columns_at_once_;
    tile_ = ChooseChannelSumsTile(count, packed_outputs_);
    // Vectors of neighboring points lie in different sets of the caches.
    input_stride_ = RoundUpToLanes(count * packed_inputs_) + kLanes;
    output_stride_ = RoundUpToLanes(count * packed_outputs_) + kLanes;
    filter_point_ = RoundUpToLanes(c_.channels * packed_outputs_);
  }

  absl::Status ParametersChanged() override {
    const int64_t taps = c_.taps * c_.taps;
    std::vector<float> of_tap(c_.output_channels * c_.channels);
    const float* filter = ParameterData(0);
    float* const taps_packed = scratch().data();
    std::fill_n(taps_packed, taps * filter_point_, 0.0f);
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t k = 0; k < c_.output_channels; ++k) {
        std::copy_n(filter + (k * taps + tap) * c_.channels, c_.channels,
                    of_tap.data() + k * c_.channels);
      }
      PackChannelWeights(tile_, c_.output_channels, c_.channels, of_tap.data(),
                         taps_packed + tap * filter_point_);
    }
    TransformWinogradFilters(c_.taps, filter_point_, taps_packed,
                             filter_.data(), filter_point_);
    if (has_bias_) {
      std::copy_n(ParameterData(1), c_.output_channels, packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const int64_t x_image = c_.height * c_.width * c_.channels;
    for (int64_t n = 0; n < images; ++n) {
      ForwardImage(InputData(0) + n * x_image, OutputData() + n * y_image_);
    }
    ActivateUnlessRelu(activation_, images * y_image_, OutputData());
  }

 private:
  static constexpr int64_t kTilesAtOnce = 16;

  Scratch& scratch() {
    return buffers().scratch == nullptr ? own_scratch_ : *buffers().scratch;
  }

  absl::Status Allocate() override {
    LENSLET_ASSIGN_OR_RETURN(const Shape filter,
                             Shape::Create({kWinogradPoints, filter_point_}));
    LENSLET_ASSIGN_OR_RETURN(filter_,
                             Tensor::Create(ElementType::kFloat32, filter));
    LENSLET_ASSIGN_OR_RETURN(const Shape channels,
                             Shape::Create({packed_outputs_}));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, channels));
    LENSLET_ASSIGN_OR_RETURN(
        const Shape zeros,
        Shape::Create({std::max(packed_outputs_, c_.width * c_.channels)}));
    LENSLET_ASSIGN_OR_RETURN(zeros_,
                             Tensor::Create(ElementType::kFloat32, zeros));
    return scratch().Reserve(std::max(
        c_.taps * c_.taps * filter_point_,
        ColumnsFloats() + kWinogradPoints * (input_stride_ + output_stride_)));
  }

  int64_t ColumnsFloats() const {
    return WinogradTilesColumnsFloats(c_.taps, columns_at_once_);
  }

  void ForwardImage(const float* x, float* y) {
    float* const columns = scratch().data();
    float* const points = columns + ColumnsFloats();
    float* const products = points + kWinogradPoints * input_stride_;
    WinogradTilesInput input = {.taps = c_.taps,
                                .x = x,
                                .height = c_.height,
                                .width = c_.width,
                                .channels = c_.channels,
                                .before_rows = c_.before_rows,
                                .before_columns = c_.before_columns,
                                .zeros = zeros_.data(),
                                .points = points,
                                .point_stride = input_stride_,
                                .columns = columns};
    WinogradTilesOutput output = {
        .taps = c_.taps,
        .points = products,
        .point_stride = output_stride_,
        .packed_bias = packed_bias_.data(),
        .minimum = IsRelu(activation_)
                       ? 0.0f
                       : -std::numeric_limits<float>::infinity(),
        .pool = pool_,
        .y = y,
        .height = c_.output_height,
        .width = c_.output_width,
        .channels = c_.output_channels};
    const ChannelRun run = {.count = c_.channels};
    ChannelSums sums = {.runs = absl::MakeConstSpan(&run, 1),
                        .rows = kWinogradPoints,
                        .channels = packed_outputs_,
                        .steps = c_.channels,
                        .x = points,
                        .x_stride = packed_inputs_,
                        .x_row_stride = input_stride_,
                        .packed_w = filter_.data(),
                        .w_row_stride = filter_point_,
                        .packed_start = zeros_.data(),
                        .y = products,
                        .y_stride = packed_outputs_,
                        .y_row_stride = output_stride_};
    for (int64_t row = 0; row < tile_rows_; row += rows_at_once_) {
      for (int64_t column = 0; column < tile_columns_;
           column += columns_at_once_) {
        const WinogradTiles tiles = {
            .row = row,
            .column = column,
            .rows = std::min(rows_at_once_, tile_rows_ - row),
            .columns = std::min(columns_at_once_, tile_columns_ - column)};
        input.tiles = output.tiles = tiles;
        TransformTilesInput(input);
        sums.positions = tiles.count();
        ComputeChannelSums(sums, tile_);
        TransformTilesOutput(output);
      }
    }
  }

  const WinogradConv c_;
  const bool has_bias_;
  const std::optional<ActivationSpec> activation_;
  const Pool2x2 pool_;
  const int64_t y_image_;  // Floats.
  const int64_t packed_inputs_;
  const int64_t packed_outputs_;
  const int64_t tile_rows_;
  const int64_t tile_columns_;
  // Of the tiles that are computed together.
  int64_t rows_at_once_;
  int64_t columns_at_once_;
  TileSize tile_;
  int64_t input_stride_;
  int64_t output_stride_;
  int64_t filter_point_;  // Floats of a point's weights.
  Tensor filter_;         // [point], each as PackChannelWeights().
  Tensor packed_bias_;    // Zero if there is none.
  Tensor zeros_;
  Scratch own_scratch_;
};

}  // namespace

double DirectWinogradShare(const WinogradConv& c) {
  // In multiply-adds of vectors, by measurement of 29 shapes on AVX-512. Each
  // takes a fifth longer with its share of the loads and stores around it. A
  // transform of a tile's vector takes as long as kTransform. Products of few
  // tiles wait for the filter, from the L2 cache or, beyond, from the L3 cache.
  constexpr double kTransform = 250;
  constexpr double kFloatsInCache = 192 * 1024;
  const double inputs = static_cast<double>(LaneGroups(c.channels));
  const double outputs = static_cast<double>(LaneGroups(c.output_channels));
  const double pairs = static_cast<double>(c.channels) * outputs;
  const double tiles =
      static_cast<double>(WinogradTilesAlong(c.taps, c.output_height)) *
      static_cast<double>(WinogradTilesAlong(c.taps, c.output_width));
  const double filter = kWinogradPoints * pairs * kLanes;
  const double products = kWinogradPoints * pairs *
                          std::max(tiles, filter > kFloatsInCache ? 8 : 2.5);
  const double sums =
      pairs *
      static_cast<double>(c.taps * c.taps * c.output_height * c.output_width);
  return (products + tiles * kTransform * (inputs + outputs)) / sums;
}

bool DirectWinogradIsFaster(const ConvGeometry& geometry) {
  return geometry.groups == 1 && WinogradSupports(geometry) &&
         DirectWinogradShare(ForwardWinograd(geometry)) < 1;
}

std::unique_ptr<Kernel> MakeConvDirectWinogradKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue) {
  return std::make_unique<ConvDirectWinogradKernel>(geometry, epilogue);
}

}  // namespace lenslet
