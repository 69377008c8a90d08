#include "lenslet/ops/conv/conv_lanes_winograd.h"

#include <algorithm>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/transpose.h"

namespace lenslet {
namespace {

// The number of pairs of an output and a tap along an axis whose input is not
// outside.
double TapsInside(int64_t taps, int64_t outputs, int64_t inputs,
                  int64_t before) {
  double count = 0;
  for (int64_t tap = 0; tap < taps; ++tap) {
    const int64_t first = tap - before;  // The input of output 0.
    count += std::max<int64_t>(
        0, std::min(outputs, inputs - first) - std::max<int64_t>(0, -first));
  }
  return count;
}

int64_t MostChannels(const WinogradConv& c) {
  return std::max(c.channels, c.output_channels);
}

// Whether all points are computed at once. With more channels, those of a pair
// leave more of the L2 cache to the filter, which then takes most of the time.
bool ComputesAllPoints(const WinogradConv& c) { return MostChannels(c) <= 64; }

int FirstPair(const WinogradConv& c) {
  return ComputesAllPoints(c) ? kAllWinogradPairs : 0;
}

// The vectors in so many KiB.
constexpr int64_t VectorsIn(int64_t kibibytes) {
  return kibibytes * 1024 / static_cast<int64_t>(sizeof(float)) / kLanes;
}

// Tiles that share each load of the filter's numbers; so few that all points of
// their inputs stay in the L2 cache. Or, of a pair: so few that their vectors
// of a point stay in the L1 cache, and those of the pair in the L2 cache.
int64_t TilesAtOnce(const WinogradConv& c) {
  return ComputesAllPoints(c)
             ? std::clamp<int64_t>(
                   VectorsIn(144) / kWinogradPoints / c.channels, 2, 16)
             : std::clamp<int64_t>(VectorsIn(16) / MostChannels(c), 4, 16);
}

// Output channels whose products are computed together, in whole tiles: so few
// that they stay in the L2 cache with the inputs' points.
int64_t OutputsAtOnce(const WinogradConv& c, int64_t tiles, int64_t tile_rows) {
  if (!ComputesAllPoints(c)) return c.output_channels;
  const int64_t channels = VectorsIn(160) / kWinogradPoints / tiles;
  return std::min(std::max(channels / tile_rows, int64_t{1}) * tile_rows,
                  c.output_channels);
}

}  // namespace

WinogradTiles TilesTogether(int64_t most, int64_t tile_rows,
                            int64_t tile_columns) {
  const int64_t pieces = (tile_columns + most - 1) / most;
  return {.rows = std::clamp(most / tile_columns, int64_t{1}, tile_rows),
          .columns = (tile_columns + pieces - 1) / pieces};
}

WinogradTiles PieceAt(int64_t row, int64_t column, const WinogradTiles& piece,
                      int64_t tile_rows, int64_t tile_columns) {
  return {.row = row,
          .column = column,
          .rows = std::min(piece.rows, tile_rows - row),
          .columns = std::min(piece.columns, tile_columns - column)};
}

int64_t WinogradPointStride(int64_t tiles, int64_t channels) {
  return (tiles * channels + 1) * kLanes;
}

bool WinogradSupports(const ConvGeometry& g) {
  const Window& w = g.window;
  return g.input[0] == 1 && g.output[0] == 1 && w.kernel[0] == 1 &&
         (w.kernel[1] == 3 || w.kernel[1] == 5) && w.kernel[2] == w.kernel[1] &&
         w.stride[1] == 1 && w.stride[2] == 1 && w.dilation[1] == 1 &&
         w.dilation[2] == 1;
}

WinogradConv ForwardWinograd(const ConvGeometry& g) {
  return {.taps = g.window.kernel[1],
          .height = g.input[1],
          .width = g.input[2],
          .channels = g.input_channels,
          .before_rows = g.window.padding.before[1],
          .before_columns = g.window.padding.before[2],
          .output_height = g.output[1],
          .output_width = g.output[2],
          .output_channels = g.output_channels};
}

WinogradConv InputGradientWinograd(const ConvGeometry& g) {
  const int64_t last = g.window.kernel[1] - 1;
  return {.taps = g.window.kernel[1],
          .height = g.output[1],
          .width = g.output[2],
          .channels = g.output_channels,
          .before_rows = last - g.window.padding.before[1],
          .before_columns = last - g.window.padding.before[2],
          .output_height = g.input[1],
          .output_width = g.input[2],
          .output_channels = g.input_channels};
}

double MultiplyAddsOfPair(const WinogradConv& c) {
  return TapsInside(c.taps, c.output_height, c.height, c.before_rows) *
         TapsInside(c.taps, c.output_width, c.width, c.before_columns);
}

double WinogradShare(const WinogradConv& c) {
  // In vector multiply-adds. Transforms take as long as this many for each tile
  // and channel of the input or the output: measured on AVX-512, where
  // multiply-adds are cheapest beside the loads and stores of transforms.
  constexpr double kTransform = 450;
  const double pairs = static_cast<double>(c.channels) * c.output_channels;
  const double tiles =
      static_cast<double>(WinogradTilesAlong(c.taps, c.output_height)) *
      WinogradTilesAlong(c.taps, c.output_width);
  const double winograd =
      tiles *
      (kWinogradPoints * pairs +
       kTransform * (static_cast<double>(c.channels) + c.output_channels));
  return winograd / (pairs * MultiplyAddsOfPair(c));
}

bool WinogradIsFaster(const WinogradConv& conv) {
  return WinogradShare(conv) < 1;
}

WinogradWeights::WinogradWeights(int64_t taps, int64_t channels,
                                 int64_t outputs, TileSize tile)
    : taps_(taps),
      channels_(channels),
      outputs_(outputs),
      tile_rows_(tile.rows),
      tile_floats_(LaneGroups(channels * tile.rows) * kLanes),
      point_floats_((outputs + tile.rows - 1) / tile.rows * tile_floats_ +
                    kLanes) {}

absl::Status WinogradWeights::Allocate() {
  LENSLET_ASSIGN_OR_RETURN(points_,
                           MakeFloats(kWinogradPoints * point_floats_));
  return absl::OkStatus();
}

void WinogradWeights::Set(const float* filter, int64_t output_stride,
                          int64_t tap_stride, int64_t channel_stride,
                          float* scratch) {
  float* points = points_.data();
  for (int64_t k = 0; k < outputs_; k += tile_rows_) {
    const int64_t rows = std::min(tile_rows_, outputs_ - k);
    for (int64_t tap = 0; tap < taps_ * taps_; ++tap) {
      const float* from = filter + k * output_stride + tap * tap_stride;
      float* to = scratch + tap * tile_floats_;
      if (channel_stride == 1) {
        Transpose(rows, channels_, from, output_stride, to, tile_rows_);
        continue;
      }
      for (int64_t c = 0; c < channels_; ++c) {
        std::copy_n(from + c * channel_stride, rows, to + c * tile_rows_);
      }
    }
    TransformWinogradFilters(taps_, tile_floats_, scratch, points,
                             point_floats_);
    points += tile_floats_;
  }
}

void WinogradWeights::SetWeightsOf(int64_t point, int64_t k,
                                   WeightedSums& sums) const {
  sums.w =
      points_.data() + point * point_floats_ + k / tile_rows_ * tile_floats_;
  sums.w_stride = tile_rows_;
  sums.w_tile = tile_floats_;
}

ConvLanesWinograd::ConvLanesWinograd(const WinogradConv& conv)
    : c_(conv),
      outputs_(WinogradOutputs(conv.taps)),
      tile_rows_(WinogradTilesAlong(conv.taps, conv.output_height)),
      tile_columns_(WinogradTilesAlong(conv.taps, conv.output_width)),
      at_once_(TilesTogether(TilesAtOnce(conv), tile_rows_, tile_columns_)),
      tile_(ChooseWeightedSumsTile(conv.output_channels, at_once_.count())),
      outputs_at_once_(OutputsAtOnce(conv, at_once_.count(), tile_.rows)),
      points_(ComputesAllPoints(conv) ? kWinogradPoints : kWinogradPairPoints),
      input_stride_(WinogradPointStride(at_once_.count(), conv.channels)),
      output_stride_(WinogradPointStride(at_once_.count(), outputs_at_once_)),
      weights_(conv.taps, conv.channels, conv.output_channels, tile_) {}

int64_t ConvLanesWinograd::ScratchFloats() const {
  return std::max(weights_.ScratchFloats(),
                  WinogradColumnsFloats(FirstPair(c_), c_.taps,
                                        at_once_.columns, c_.channels) +
                      points_ * (input_stride_ + output_stride_));
}

void ConvLanesWinograd::Run(const float* x, const float* bias, float minimum,
                            float* y, bool reuse_rows, float* scratch,
                            RowsDone rows_done) {
  float* const columns = scratch;
  float* const inputs =
      columns + WinogradColumnsFloats(FirstPair(c_), c_.taps, at_once_.columns,
                                      c_.channels);
  float* const products = inputs + points_ * input_stride_;
  WinogradInput input = {.taps = c_.taps,
                         .x = x,
                         .height = c_.height,
                         .width = c_.width,
                         .channels = c_.channels,
                         .before_rows = c_.before_rows,
                         .before_columns = c_.before_columns,
                         .points = inputs,
                         .point_stride = input_stride_,
                         .columns = columns};
  WinogradOutput output = {.taps = c_.taps,
                           .points = products,
                           .point_stride = output_stride_,
                           .minimum = minimum,
                           .height = c_.output_height,
                           .width = c_.output_width,
                           .channels = c_.output_channels};
  const WeightedRun run = {.steps = c_.channels};
  WeightedSums sums = {.runs = absl::MakeConstSpan(&run, 1),
                       .x_stride = c_.channels * kLanes};
  for (int64_t row = 0; row < tile_rows_; row += at_once_.rows) {
    if (reuse_rows) output.first_row = row * outputs_;
    for (int64_t column = 0; column < tile_columns_;
         column += at_once_.columns) {
      const WinogradTiles tiles =
          PieceAt(row, column, at_once_, tile_rows_, tile_columns_);
      input.tiles = output.tiles = tiles;
      sums.positions = tiles.count();
      const auto add_points = [&](int pair) {
        input.pair = output.pair = pair;
        TransformWinogradInput(input);
        for (int64_t k = 0; k < c_.output_channels; k += outputs_at_once_) {
          sums.outputs = output.tile_channels =
              std::min(outputs_at_once_, c_.output_channels - k);
          sums.y_stride = sums.outputs * kLanes;
          for (int64_t i = 0; i < points_; ++i) {
            const int64_t point =
                pair == kAllWinogradPairs ? i : WinogradPoint(pair, i);
            sums.x = inputs + i * input_stride_;
            weights_.SetWeightsOf(point, k, sums);
            sums.y = products + i * output_stride_;
            ComputeWeightedSums(sums, tile_);
          }
          output.bias = bias == nullptr ? nullptr : bias + k;
          output.y = y + k * kLanes;
          TransformWinogradOutput(output);
        }
      };
      if (points_ == kWinogradPoints) {
        add_points(kAllWinogradPairs);
      } else {
        for (int pair = 0; pair < kWinogradPairs; ++pair) add_points(pair);
      }
    }
    rows_done(row * outputs_,
              std::min((row + at_once_.rows) * outputs_, c_.output_height));
  }
}

}  // namespace lenslet
