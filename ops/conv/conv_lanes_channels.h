// Sums within each channel, with the images of a block in lanes. Depthwise
// convolutions spend most of their time here.

#ifndef LENSLET_OPS_CONV_CONV_LANES_CHANNELS_H_
#define LENSLET_OPS_CONV_CONV_LANES_CHANNELS_H_

#include <cstdint>

#include "absl/types/span.h"

namespace lenslet {

// A tap of the sum at a position.
struct ChannelTap {
  int64_t from = 0;  // Offset of the input position, in floats.
  int64_t tap = 0;   // Its index among a channel's weights.
};

// At one position, for each channel c:
//   to[c] = start[c] + sum over taps of from[tap.from][c] * w[c, tap.tap]
// `from` and `to` hold vectors of kLanes floats, aligned to 64 bytes.
struct ChannelSumsAtPosition {
  absl::Span<const ChannelTap> taps = {};
  int64_t channels = 0;
  const float* from = nullptr;
  const float* w = nullptr;
  int64_t w_stride = 0;          // Between channels.
  const float* start = nullptr;  // Null: 0.
  float* to = nullptr;
};

void ComputeChannelSumsAtPosition(const ChannelSumsAtPosition& sums);

// The products of a row of outputs with the rows of the input under some rows
// of the filter. For each channel c, run r and tap t, in vectors of kLanes
// floats, aligned to 64 bytes:
//   sums[r.sums + t][c] += sum over positions p of
//                          x[r.x][p * stride - padding + t * dilation][c]
//                          * dy[p][c]
// Columns outside the row of x, which has columns 0 to columns - 1, count
// nothing. Each sum has one order, whatever the CPU's vectors.
struct ChannelProductRun {
  int64_t x = 0;     // Offset of the row of x, in floats.
  int64_t sums = 0;  // Of the first tap's sum of channel 0, in floats.
};

struct ChannelProducts {
  absl::Span<const ChannelProductRun> runs = {};
  int64_t taps = 0;  // Of each run.
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t padding = 0;
  int64_t columns = 0;
  int64_t positions = 0;
  int64_t channels = 0;
  const float* x = nullptr;
  const float* dy = nullptr;
  float* sums = nullptr;
  int64_t sums_stride = 0;  // Between channels, in floats.
};

void AddChannelProducts(const ChannelProducts& products);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_CHANNELS_H_
