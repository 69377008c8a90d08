#include "lenslet/ops/lanes/product_sums.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/lanes/product_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/tiles-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The tile of sums from (i, j) on, of the images from `lane` on.
template <int a_tile, int b_tile>
struct ProductSumsTile {
  static void Run(const ProductSums& s, int64_t lane, int64_t i, int64_t j) {
    const LanesTag d;
    using V = hn::Vec<LanesTag>;
    const int64_t a_stride = s.a_stride;
    const int64_t b_stride = s.b_stride;
    float* HWY_RESTRICT to = s.sums + i * s.sums_stride + j * kLanes + lane;
    V sums[a_tile][b_tile];
    HWY_UNROLL(32)
    for (int k = 0; k < a_tile; ++k) {
      HWY_UNROLL(32)
      for (int l = 0; l < b_tile; ++l) {
        sums[k][l] = s.start_with_sums
                         ? hn::Load(d, to + k * s.sums_stride + l * kLanes)
                         : hn::Zero(d);
      }
    }
    const float* HWY_RESTRICT a_row = s.a + i * kLanes + lane;
    const float* HWY_RESTRICT b_row = s.b + j * kLanes + lane;
    for (int64_t row = s.rows; row > 0; --row) {
      const float* HWY_RESTRICT a = a_row;
      const float* HWY_RESTRICT b = b_row;
      for (int64_t position = s.positions; position > 0; --position) {
        V b_vectors[b_tile];
        HWY_UNROLL(32)
        for (int l = 0; l < b_tile; ++l) {
          b_vectors[l] = LoadedOnce(hn::Load(d, b + l * kLanes));
        }
        HWY_UNROLL(32)
        for (int k = 0; k < a_tile; ++k) {
          const V a_vector = hn::Load(d, a + k * kLanes);
          HWY_UNROLL(32)
          for (int l = 0; l < b_tile; ++l) {
            sums[k][l] = hn::MulAdd(a_vector, b_vectors[l], sums[k][l]);
          }
        }
        a += a_stride;
        b += b_stride;
      }
      a_row += s.a_row_stride;
      b_row += s.b_row_stride;
    }
    HWY_UNROLL(32)
    for (int k = 0; k < a_tile; ++k) {
      HWY_UNROLL(32)
      for (int l = 0; l < b_tile; ++l) {
        hn::Store(sums[k][l], d, to + k * s.sums_stride + l * kLanes);
      }
    }
  }
};

constexpr int64_t Step(int64_t a_tile, int64_t b_tile) {
  return StepOf(std::max(a_tile * b_tile, a_tile + b_tile)) + 1;
}

TileSize ChooseSumsTile(int64_t a_size, int64_t b_size) {
  return ChooseTile(kMaxTileRows, a_size, b_size, Step);
}

void ComputeSums(const ProductSums& s, TileSize tile) {
  for (int64_t j = 0; j < s.b_size; j += tile.columns) {
    const int columns =
        static_cast<int>(std::min<int64_t>(tile.columns, s.b_size - j));
    for (int64_t i = 0; i < s.a_size; i += tile.rows) {
      const int rows =
          static_cast<int>(std::min<int64_t>(tile.rows, s.a_size - i));
      for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(LanesTag())) {
        TileFunction<ProductSumsTile>(rows, columns)(s, lane, i, j);
      }
    }
  }
}

#if HWY_TARGET == HWY_SCALAR
void LaneSums(int64_t size, const float* vectors, float* to) {
  for (int64_t i = 0; i < size; ++i) {
    float sums[4];
    for (int k = 0; k < 4; ++k) {
      const float* v = vectors + i * kLanes + k;
      sums[k] = (v[0] + v[4]) + (v[8] + v[12]);
    }
    to[i] += (sums[0] + sums[2]) + (sums[1] + sums[3]);
  }
}
#else
// The four quarters of a vector, added up.
template <class D>
HWY_INLINE hn::Vec<D> Quarter(D d, const float* v) {
  return hn::Add(hn::Add(hn::Load(d, v), hn::Load(d, v + 4)),
                 hn::Add(hn::Load(d, v + 8), hn::Load(d, v + 12)));
}

void LaneSums(int64_t size, const float* vectors, float* to) {
  const hn::FixedTag<float, 4> d;
  int64_t i = 0;
  for (; i + 4 <= size; i += 4) {
    const float* v = vectors + i * kLanes;
    const auto q0 = Quarter(d, v);
    const auto q1 = Quarter(d, v + kLanes);
    const auto q2 = Quarter(d, v + 2 * kLanes);
    const auto q3 = Quarter(d, v + 3 * kLanes);
    // Elements 0 and 2, then 1 and 3, of both.
    const auto sums01 =
        hn::Add(hn::InterleaveLower(d, q0, q1), hn::InterleaveUpper(d, q0, q1));
    const auto sums23 =
        hn::Add(hn::InterleaveLower(d, q2, q3), hn::InterleaveUpper(d, q2, q3));
    const auto sums = hn::Add(hn::ConcatLowerLower(d, sums23, sums01),
                              hn::ConcatUpperUpper(d, sums23, sums01));
    hn::StoreU(hn::Add(hn::LoadU(d, to + i), sums), d, to + i);
  }
  for (; i < size; ++i) {
    float sums[4];
    hn::StoreU(Quarter(d, vectors + i * kLanes), d, sums);
    to[i] += (sums[0] + sums[2]) + (sums[1] + sums[3]);
  }
}
#endif

void VectorSums(int64_t positions, int64_t size, const float* a, float* sums) {
  const LanesTag d;
  constexpr int64_t kTile = 4;
  const int64_t lanes = hn::Lanes(d);
  const int64_t floats = size * kLanes;
  int64_t i = 0;
  for (; i + kTile * lanes <= floats; i += kTile * lanes) {
    hn::Vec<LanesTag> s[kTile];
    for (int k = 0; k < kTile; ++k) s[k] = hn::Load(d, sums + i + k * lanes);
    for (int64_t p = 0; p < positions; ++p) {
      for (int k = 0; k < kTile; ++k) {
        s[k] = hn::Add(s[k], hn::Load(d, a + p * floats + i + k * lanes));
      }
    }
    for (int k = 0; k < kTile; ++k) hn::Store(s[k], d, sums + i + k * lanes);
  }
  for (; i < floats; i += lanes) {
    auto s = hn::Load(d, sums + i);
    for (int64_t p = 0; p < positions; ++p) {
      s = hn::Add(s, hn::Load(d, a + p * floats + i));
    }
    hn::Store(s, d, sums + i);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(ComputeSums);
HWY_EXPORT(ChooseSumsTile);
HWY_EXPORT(LaneSums);
HWY_EXPORT(VectorSums);

TileSize ChooseProductSumsTile(int64_t a_size, int64_t b_size) {
  return HWY_DYNAMIC_DISPATCH(ChooseSumsTile)(a_size, b_size);
}

void ComputeProductSums(const ProductSums& products, TileSize tile) {
  HWY_DYNAMIC_DISPATCH(ComputeSums)(products, tile);
}

void AddLaneSums(int64_t size, const float* vectors, float* to) {
  HWY_DYNAMIC_DISPATCH(LaneSums)(size, vectors, to);
}

void AddVectorSums(int64_t positions, int64_t size, const float* a,
                   float* sums) {
  HWY_DYNAMIC_DISPATCH(VectorSums)(positions, size, a, sums);
}

}  // namespace lenslet
#endif  // HWY_ONCE
