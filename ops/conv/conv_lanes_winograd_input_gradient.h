// The gradient of a convolution in lanes with respect to its input, by the
// tiles of Winograd's algorithm for the output (ops/lanes/winograd.h):
//
//   dx = sum over tiles of B [(G w G^T) * (A dz A^T)] B^T
//
// The gradient is also a convolution of the output's gradient, with padding.
// Where the output is smaller than the input, that one has more tiles: with a
// filter of 5x5 without padding on 14x14, 49 instead of 25.

#ifndef LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_INPUT_GRADIENT_H_
#define LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_INPUT_GRADIENT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/ops/lanes/winograd.h"

namespace lenslet {

// Whether the tiles of the output are fewer, and the algorithm is faster than
// sums of products. Depends only on the shape, so that results do not depend
// on the CPU.
bool WinogradInputGradientIsFaster(const ConvGeometry& geometry);

// The sums over channels have one order, and those over tiles that of the
// tiles. So all CPUs with fused multiply-adds compute the same bits.
class ConvLanesWinogradInputGradient {
 public:
  // For this convolution, not its gradient's.
  explicit ConvLanesWinogradInputGradient(const WinogradConv& conv);

  // Errors: ResourceExhausted.
  absl::Status Allocate() { return weights_.Allocate(); }

  // The size of the memory that Run() and SetFilter() use as scratch.
  int64_t ScratchFloats() const;

  // Call before the first Run(), and after the filter [output channel][tap]
  // [channel] has changed.
  void SetFilter(const float* filter, float* scratch);

  // Writes the input's gradient of a group.
  void Run(const float* dz, float* dx, float* scratch) const;

 private:
  const WinogradConv c_;
  const int64_t tile_rows_;
  const int64_t tile_columns_;
  const WinogradTiles at_once_;  // The size of what is computed together.
  const TileSize tile_;
  const int64_t gradient_stride_;
  const int64_t product_stride_;
  WinogradWeights weights_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_INPUT_GRADIENT_H_
