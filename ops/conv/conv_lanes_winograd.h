// Convolutions in lanes with a filter of 3x3 or 5x5, stride 1 and dilation 1,
// by Winograd's algorithm (ops/lanes/winograd.h).
//
// The rounding errors are larger than those of sums of products, by the
// amplification of the transforms: about twice as large on average. Results do
// not depend on the CPU or on how tiles are grouped: each sum over channels
// has one order.

#ifndef LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_H_
#define LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_H_

#include <cstdint>
#include <limits>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/ops/lanes/winograd.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// A convolution of x [height, width, channels] to y. x is zero outside; its
// element (-before_rows, -before_columns) is the first that y(0, 0) reads.
struct WinogradConv {
  int64_t taps = 3;  // Of the filter along an axis: 3 or 5.
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t before_rows = 0;
  int64_t before_columns = 0;
  int64_t output_height = 0;
  int64_t output_width = 0;
  int64_t output_channels = 0;
};

// Whether the algorithm computes this convolution and its input's gradient.
bool WinogradSupports(const ConvGeometry& geometry);

// The convolution itself, and the one that computes its input's gradient from
// its output's.
WinogradConv ForwardWinograd(const ConvGeometry& geometry);
WinogradConv InputGradientWinograd(const ConvGeometry& geometry);

// The multiply-adds that the definition takes for an image and a pair of
// channels. Taps outside the input are left out.
double MultiplyAddsOfPair(const WinogradConv& conv);

// The expected time of the algorithm as a share of that of sums of products,
// and whether it is less. Depends only on the shape, so that results do not
// depend on the CPU.
double WinogradShare(const WinogradConv& conv);
bool WinogradIsFaster(const WinogradConv& conv);

// The size of the pieces of tile_rows x tile_columns tiles that are computed
// together, of up to `most` tiles: part of a row, or whole rows.
WinogradTiles TilesTogether(int64_t most, int64_t tile_rows,
                            int64_t tile_columns);

// The tiles of such a piece from tile (row, column) on, without those beyond
// the last.
WinogradTiles PieceAt(int64_t row, int64_t column, const WinogradTiles& piece,
                      int64_t tile_rows, int64_t tile_columns);

// Floats from one point's vectors to the next's. Those of neighboring points
// lie in different sets of the caches.
int64_t WinogradPointStride(int64_t tiles, int64_t channels);

// A filter after its transform, packed for weighted sums over `channels` of
// tiles of outputs.
class WinogradWeights {
 public:
  WinogradWeights(int64_t taps, int64_t channels, int64_t outputs,
                  TileSize tile);

  // Errors: ResourceExhausted.
  absl::Status Allocate();

  // The size of the memory that Set() uses as scratch.
  int64_t ScratchFloats() const { return taps_ * taps_ * tile_floats_; }

  // The filter's number for output k, tap t and channel c is
  // filter[k * output_stride + t * tap_stride + c * channel_stride]; either
  // output_stride or channel_stride is 1. tap_stride may be negative.
  void Set(const float* filter, int64_t output_stride, int64_t tap_stride,
           int64_t channel_stride, float* scratch);

  // Makes the sums those of a point, for outputs from k on: a multiple of the
  // tile's rows.
  void SetWeightsOf(int64_t point, int64_t k, WeightedSums& sums) const;

 private:
  const int64_t taps_;
  const int64_t channels_;
  const int64_t outputs_;
  const int64_t tile_rows_;
  const int64_t tile_floats_;  // Of a point's weights for a tile of outputs.
  const int64_t point_floats_;
  Tensor points_;  // [point][tile of outputs][channel][output in the tile]
};

class ConvLanesWinograd {
 public:
  explicit ConvLanesWinograd(const WinogradConv& conv);

  // Errors: ResourceExhausted.
  absl::Status Allocate() { return weights_.Allocate(); }

  // The size of the memory that Run() and SetFilter() use as scratch.
  int64_t ScratchFloats() const;

  // Call before the first Run(), and after the filter has changed. As
  // WinogradWeights::Set().
  void SetFilter(const float* filter, int64_t output_stride, int64_t tap_stride,
                 int64_t channel_stride, float* scratch) {
    weights_.Set(filter, output_stride, tap_stride, channel_stride, scratch);
  }

  // The number of rows that are completed together. Fewer at the end.
  int64_t rows_at_once() const { return at_once_.rows * outputs_; }

  // Called with rows [begin, end) of y when they are complete, in order.
  using RowsDone = absl::FunctionRef<void(int64_t begin, int64_t end)>;

  // Computes y = max(minimum, convolution + bias) of a group. `bias` may be
  // null. If `reuse_rows`, all rows are written to the first rows_at_once()
  // rows of y, one after the other.
  void Run(const float* x, const float* bias, float minimum, float* y,
           bool reuse_rows, float* scratch, RowsDone rows_done);

 private:
  const WinogradConv c_;
  const int64_t outputs_;  // Of a tile, along an axis.
  const int64_t tile_rows_;
  const int64_t tile_columns_;
  const WinogradTiles at_once_;  // The size of what is computed together.
  const TileSize tile_;
  const int64_t outputs_at_once_;  // Output channels: whole tiles.
  const int64_t points_;  // That are computed at once: all, or a pair's.
  const int64_t input_stride_;
  const int64_t output_stride_;
  WinogradWeights weights_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_H_
