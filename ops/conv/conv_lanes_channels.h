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

// For each channel c, in vectors of kLanes floats, aligned to 64 bytes:
//   sums[c] += sum over positions p of a[p][c] * b[p][c]
struct ChannelProducts {
  int64_t positions = 0;
  int64_t channels = 0;
  const float* a = nullptr;
  int64_t a_stride = 0;  // Between positions, in floats.
  const float* b = nullptr;
  int64_t b_stride = 0;
  float* sums = nullptr;
  int64_t sums_stride = 0;  // Between channels, in floats.
};

void AddChannelProducts(const ChannelProducts& products);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_CHANNELS_H_
