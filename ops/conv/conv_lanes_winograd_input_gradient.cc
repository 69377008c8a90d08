#include "lenslet/ops/conv/conv_lanes_winograd_input_gradient.h"

#include <algorithm>

#include "lenslet/ops/direct/winograd_tiles.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

// Tiles that share each load of the filter's numbers; so few that the points of
// a pair, and the products of all, stay in the L2 cache.
int64_t GradientTilesAtOnce(const WinogradConv& c) {
  constexpr int64_t kVectors = 640 * 1024 / sizeof(float) / kLanes;
  return std::clamp<int64_t>(
      kVectors / (kWinogradPairPoints * c.output_channels +
                  kWinogradPoints * c.channels),
      2, 16);
}

int64_t TilesOf(const WinogradConv& c) {
  return WinogradTilesAlong(c.taps, c.output_height) *
         WinogradTilesAlong(c.taps, c.output_width);
}

}  // namespace

bool WinogradInputGradientIsFaster(const ConvGeometry& geometry) {
  const WinogradConv forward = ForwardWinograd(geometry);
  return TilesOf(forward) < TilesOf(InputGradientWinograd(geometry)) &&
         WinogradIsFaster(forward);
}

ConvLanesWinogradInputGradient::ConvLanesWinogradInputGradient(
    const WinogradConv& conv)
    : c_(conv),
      tile_rows_(WinogradTilesAlong(conv.taps, conv.output_height)),
      tile_columns_(WinogradTilesAlong(conv.taps, conv.output_width)),
      at_once_(
          TilesTogether(GradientTilesAtOnce(conv), tile_rows_, tile_columns_)),
      tile_(ChooseWeightedSumsTile(conv.channels, at_once_.count())),
      gradient_stride_(
          WinogradPointStride(at_once_.count(), conv.output_channels)),
      product_stride_(WinogradPointStride(at_once_.count(), conv.channels)),
      weights_(conv.taps, conv.output_channels, conv.channels, tile_) {}

int64_t ConvLanesWinogradInputGradient::ScratchFloats() const {
  return std::max(weights_.ScratchFloats(),
                  kWinogradPairPoints * gradient_stride_ +
                      kWinogradPoints * product_stride_);
}

void ConvLanesWinogradInputGradient::SetFilter(const float* filter,
                                               float* scratch) {
  weights_.Set(filter, /*output_stride=*/1, /*tap_stride=*/c_.channels,
               /*channel_stride=*/c_.taps * c_.taps * c_.channels, scratch);
}

void ConvLanesWinogradInputGradient::Run(const float* dz, float* dx,
                                         float* scratch) const {
  float* const gradients = scratch;
  float* const products = gradients + kWinogradPairPoints * gradient_stride_;
  // Vectors hold images in place of channels.
  WinogradTilesGradient gradient = {.taps = c_.taps,
                                    .dy = dz,
                                    .height = c_.output_height,
                                    .width = c_.output_width,
                                    .channels = c_.output_channels * kLanes,
                                    .points = gradients,
                                    .point_stride = gradient_stride_};
  WinogradInputGradient input = {.taps = c_.taps,
                                 .points = products,
                                 .point_stride = product_stride_,
                                 .dx = dx,
                                 .height = c_.height,
                                 .width = c_.width,
                                 .channels = c_.channels,
                                 .before_rows = c_.before_rows,
                                 .before_columns = c_.before_columns};
  const WeightedRun run = {.steps = c_.output_channels};
  WeightedSums sums = {.runs = absl::MakeConstSpan(&run, 1),
                       .outputs = c_.channels,
                       .x_stride = c_.output_channels * kLanes,
                       .y_stride = c_.channels * kLanes};
  std::fill_n(dx, c_.height * c_.width * c_.channels * kLanes, 0.0f);
  for (int64_t row = 0; row < tile_rows_; row += at_once_.rows) {
    for (int64_t column = 0; column < tile_columns_;
         column += at_once_.columns) {
      const WinogradTiles tiles =
          PieceAt(row, column, at_once_, tile_rows_, tile_columns_);
      gradient.tiles = input.tiles = tiles;
      sums.positions = tiles.count();
      for (int pair = 0; pair < kWinogradPairs; ++pair) {
        gradient.pair = pair;
        TransformTilesGradient(gradient);
        for (int64_t i = 0; i < kWinogradPairPoints; ++i) {
          const int64_t point = WinogradPoint(pair, i);
          sums.x = gradients + i * gradient_stride_;
          weights_.SetWeightsOf(point, 0, sums);
          sums.y = products + point * product_stride_;
          ComputeWeightedSums(sums, tile_);
        }
      }
      AddWinogradInputGradient(input);
    }
  }
}

}  // namespace lenslet
