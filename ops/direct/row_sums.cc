#include "lenslet/ops/direct/row_sums.h"

#include <algorithm>

#include "lenslet/tensor/lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/row_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using RowVector = hn::Vec<LanesTag>;

// All chains of a vector, one for weights and one for a number fit.
constexpr int kRowVectors = kVectorRegisters >= 32 ? 4 : 2;

template <int vectors>
HWY_INLINE void AddStep(const float* HWY_RESTRICT x,
                        const float* HWY_RESTRICT w, RowVector sums[vectors]) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const RowVector number = hn::Set(d, *x);
  HWY_UNROLL(4)
  for (int j = 0; j < vectors; ++j) {
    sums[j] = hn::MulAdd(number, hn::Load(d, w + j * lanes), sums[j]);
  }
}

template <int vectors>
void SumRow(const RowSums& s, int64_t first) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const float* HWY_RESTRICT x = s.x;
  const float* HWY_RESTRICT w = s.packed_w + first * s.steps;
  RowVector sums[kRowChains][vectors];
  HWY_UNROLL(4)
  for (int j = 0; j < vectors; ++j) {
    sums[0][j] = hn::Load(d, s.packed_start + first + j * lanes);
    HWY_UNROLL(4)
    for (int chain = 1; chain < kRowChains; ++chain) {
      sums[chain][j] = hn::Zero(d);
    }
  }
  int64_t step = s.steps;
  for (; step >= kRowChains; step -= kRowChains) {
    HWY_UNROLL(4)
    for (int chain = 0; chain < kRowChains; ++chain) {
      AddStep<vectors>(x + chain, w + chain * vectors * lanes, sums[chain]);
    }
    x += kRowChains;
    w += kRowChains * vectors * lanes;
  }
  HWY_UNROLL(4)
  for (int chain = 0; chain < kRowChains - 1; ++chain) {
    if (chain >= step) break;
    AddStep<vectors>(x + chain, w + chain * vectors * lanes, sums[chain]);
  }
  const RowVector minimum = hn::Set(d, s.minimum);
  HWY_UNROLL(4)
  for (int j = 0; j < vectors; ++j) {
    const RowVector sum = hn::Add(hn::Add(sums[0][j], sums[1][j]),
                                  hn::Add(sums[2][j], sums[3][j]));
    const int64_t k = first + j * lanes;
    StoreWhereRoom(d, s.channels - k, hn::Max(minimum, sum), s.y + k);
  }
}

void SumRowVectors(const RowSums& s, int tile_vectors) {
  const int64_t lanes = hn::Lanes(LanesTag());
  for (int64_t k = 0; k < s.channels; k += tile_vectors * lanes) {
    const int64_t rest = (s.channels - k + lanes - 1) / lanes;
    const int64_t vectors = std::min<int64_t>(tile_vectors, rest);
    if (vectors == 1) SumRow<1>(s, k);
    if (vectors == 2) SumRow<2>(s, k);
    if constexpr (kRowVectors > 2) {
      if (vectors == 3) SumRow<3>(s, k);
      if (vectors == 4) SumRow<4>(s, k);
    }
  }
}

TileSize ChooseRowTile(int64_t channels) {
  const int64_t lanes = hn::Lanes(LanesTag());
  return {.rows = 1,
          .columns = static_cast<int>(
              std::min<int64_t>(kRowVectors, (channels + lanes - 1) / lanes))};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(SumRowVectors);
HWY_EXPORT(ChooseRowTile);

bool PrefersRowSums(int64_t channels, int64_t steps) {
  return LaneGroups(channels) <= 4 && steps >= 32;
}

TileSize ChooseRowSumsTile(int64_t channels) {
  return HWY_DYNAMIC_DISPATCH(ChooseRowTile)(channels);
}

void ComputeRowSums(const RowSums& sums, TileSize tile) {
  HWY_DYNAMIC_DISPATCH(SumRowVectors)(sums, tile.columns);
}

}  // namespace lenslet
#endif  // HWY_ONCE
