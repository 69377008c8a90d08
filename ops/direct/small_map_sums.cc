#include "lenslet/ops/direct/small_map_sums.h"

#include <algorithm>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/small_map_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/direct/quads.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using MapVector = hn::Vec<LanesTag>;

// What fits the registers with a vector of weights for each column.
template <int side>
constexpr int kMapVectors = side == 3 ? (kVectorRegisters >= 32 ? 2 : 1)
                                      : (kVectorRegisters >= 32 ? 4 : 2);

// Adds the products of a tap for all positions whose number is on the input.
template <int side, int vectors, int tap>
HWY_INLINE void AddTap(const SmallMapSums& s, const float*& w_tap,
                       MapVector sums[side * side][vectors]) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  constexpr int below = tap / 3 - 1;
  constexpr int right = tap % 3 - 1;
  // Addresses of a pointer and at most one register for four positions of the
  // input.
  const int64_t stride = s.input_channels;
  const int64_t stride3 = 3 * stride;
  constexpr int kQuads = (side * side + 3) / 4;
  const float* quads[kQuads];
  HWY_UNROLL(4)
  for (int q = 0; q < kQuads; ++q) quads[q] = s.x + 4 * q * stride;
  const float* HWY_RESTRICT w = w_tap;
  for (int64_t step = s.input_channels; step > 0; --step) {
    MapVector weights[vectors];
    HWY_UNROLL(4)
    for (int j = 0; j < vectors; ++j) weights[j] = hn::Load(d, w + j * lanes);
    HWY_UNROLL(9)
    for (int position = 0; position < side * side; ++position) {
      const int row = position / side + below;
      const int column = position % side + right;
      if (row < 0 || row >= side || column < 0 || column >= side) continue;
      const int i = row * side + column;
      const MapVector number =
          hn::Set(d, NumberOfQuad(quads[i / 4], i, stride, stride3));
      HWY_UNROLL(4)
      for (int j = 0; j < vectors; ++j) {
        sums[position][j] = hn::MulAdd(number, weights[j], sums[position][j]);
      }
    }
    HWY_UNROLL(4)
    for (int q = 0; q < kQuads; ++q) ++quads[q];
    w += vectors * lanes;
  }
  w_tap = w;
}

template <int side, int vectors, int... taps>
HWY_INLINE void AddTaps(const SmallMapSums& s, const float* w,
                        MapVector sums[side * side][vectors],
                        std::integer_sequence<int, taps...>) {
  (AddTap<side, vectors, taps>(s, w, sums), ...);
}

// `vectors` vectors of channels from channel `first` on.
template <int side, int vectors>
void SumMap(const SmallMapSums& s, int64_t first) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  MapVector sums[side * side][vectors];
  HWY_UNROLL(4)
  for (int j = 0; j < vectors; ++j) {
    const MapVector start = hn::Load(d, s.packed_start + first + j * lanes);
    HWY_UNROLL(9)
    for (int i = 0; i < side * side; ++i) sums[i][j] = start;
  }
  AddTaps<side, vectors>(s, s.packed_w + first * 9 * s.input_channels, sums,
                         std::make_integer_sequence<int, 9>());
  const MapVector minimum = hn::Set(d, s.minimum);
  float* y = s.y + first;
  HWY_UNROLL(9)
  for (int i = 0; i < side * side; ++i) {
    HWY_UNROLL(4)
    for (int j = 0; j < vectors; ++j) {
      StoreWhereRoom(d, s.channels - first - j * lanes,
                     hn::Max(minimum, sums[i][j]), y + j * lanes);
    }
    y += s.channels;
  }
}

template <int side>
void SumMapVectors(const SmallMapSums& s, int tile_vectors) {
  const int64_t lanes = hn::Lanes(LanesTag());
  for (int64_t k = 0; k < s.channels; k += tile_vectors * lanes) {
    const int64_t rest = (s.channels - k + lanes - 1) / lanes;
    const int64_t vectors = std::min<int64_t>(tile_vectors, rest);
    constexpr int kMost = kMapVectors<side>;
    if (vectors == 1) SumMap<side, 1>(s, k);
    if constexpr (kMost >= 2) {
      if (vectors == 2) SumMap<side, 2>(s, k);
    }
    if constexpr (kMost >= 4) {
      if (vectors == 3) SumMap<side, 3>(s, k);
      if (vectors == 4) SumMap<side, 4>(s, k);
    }
  }
}

void SumSmallMap(const SmallMapSums& s, int tile_vectors) {
  if (s.side == 2) return SumMapVectors<2>(s, tile_vectors);
  SumMapVectors<3>(s, tile_vectors);
}

TileSize ChooseMapTile(int64_t side, int64_t channels) {
  const int64_t lanes = hn::Lanes(LanesTag());
  const int64_t most = side == 2 ? kMapVectors<2> : kMapVectors<3>;
  return {.rows = 1,
          .columns =
              static_cast<int>(std::min(most, (channels + lanes - 1) / lanes))};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(SumSmallMap);
HWY_EXPORT(ChooseMapTile);

TileSize ChooseSmallMapTile(int64_t side, int64_t channels) {
  return HWY_DYNAMIC_DISPATCH(ChooseMapTile)(side, channels);
}

void ComputeSmallMapSums(const SmallMapSums& sums, TileSize tile) {
  HWY_DYNAMIC_DISPATCH(SumSmallMap)(sums, tile.columns);
}

}  // namespace lenslet
#endif  // HWY_ONCE
