#include "lenslet/ops/transposed_product.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/transposed_product.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The tile of c from (i, j) on, whose last vector has `width` columns.
template <int tile_rows, int tile_vectors>
struct TransposedProductTile {
  static void Run(const TransposedProduct& p, int64_t i, int64_t j,
                  int64_t width) {
    const LanesTag d;
    using V = hn::Vec<LanesTag>;
    const int64_t lanes = hn::Lanes(d);
    const int64_t a_stride = p.a.row_stride;
    const int64_t b_stride = p.b.row_stride;
    V sums[tile_rows][tile_vectors];
    HWY_UNROLL(32)
    for (int k = 0; k < tile_rows; ++k) {
      HWY_UNROLL(32)
      for (int l = 0; l < tile_vectors; ++l) sums[k][l] = hn::Zero(d);
    }
    for (int64_t block = 0; block < p.blocks; ++block) {
      for (int64_t group = 0; group < p.groups; ++group) {
        const float* HWY_RESTRICT a =
            p.a.data + block * p.a.block_stride + group * p.a.group_stride + i;
        const float* HWY_RESTRICT b =
            p.b.data + block * p.b.block_stride + group * p.b.group_stride + j;
        for (int64_t row = p.rows; row > 0; --row) {
          V b_vectors[tile_vectors];
          HWY_UNROLL(32)
          for (int l = 0; l < tile_vectors; ++l) {
            b_vectors[l] = LoadedOnce(hn::LoadU(d, b + l * lanes));
          }
          HWY_UNROLL(32)
          for (int k = 0; k < tile_rows; ++k) {
            const V a_value = hn::Set(d, a[k]);
            HWY_UNROLL(32)
            for (int l = 0; l < tile_vectors; ++l) {
              sums[k][l] = hn::MulAdd(a_value, b_vectors[l], sums[k][l]);
            }
          }
          a += a_stride;
          b += b_stride;
        }
      }
    }
    HWY_UNROLL(32)
    for (int k = 0; k < tile_rows; ++k) {
      float* to = p.c + (i + k) * p.c_stride + j;
      if (p.overwrite) {
        HWY_UNROLL(32)
        for (int l = 0; l + 1 < tile_vectors; ++l) {
          hn::StoreU(sums[k][l], d, to + l * lanes);
        }
        StoreWhereRoom(d, width, sums[k][tile_vectors - 1],
                       to + (tile_vectors - 1) * lanes);
        continue;
      }
      HWY_UNROLL(32)
      for (int l = 0; l + 1 < tile_vectors; ++l) {
        hn::StoreU(hn::Add(hn::LoadU(d, to + l * lanes), sums[k][l]), d,
                   to + l * lanes);
      }
      AddFirst(d, width, sums[k][tile_vectors - 1],
               to + (tile_vectors - 1) * lanes);
    }
  }
};

constexpr int64_t Step(int64_t rows, int64_t vectors) {
  return StepOf(std::max(rows * vectors, rows + vectors)) + 1;
}

TileSize ChooseProductTile(int64_t m, int64_t n) {
  const int64_t lanes = hn::Lanes(LanesTag());
  return ChooseTile(kMaxTileRows, m, (n + lanes - 1) / lanes, Step);
}

void AddProduct(const TransposedProduct& p, TileSize tile) {
  const int64_t lanes = hn::Lanes(LanesTag());
  for (int64_t j = 0; j < p.n; j += tile.columns * lanes) {
    const int64_t columns = std::min(p.n - j, tile.columns * lanes);
    const int vectors = static_cast<int>((columns + lanes - 1) / lanes);
    const int64_t width = columns - (vectors - 1) * lanes;
    for (int64_t i = 0; i < p.m; i += tile.rows) {
      const int rows = static_cast<int>(std::min<int64_t>(tile.rows, p.m - i));
      TileFunction<TransposedProductTile>(rows, vectors)(p, i, j, width);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(ChooseProductTile);
HWY_EXPORT(AddProduct);

TileSize ChooseTransposedProductTile(int64_t m, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(ChooseProductTile)(m, n);
}

void AddTransposedProduct(const TransposedProduct& product, TileSize tile) {
  HWY_DYNAMIC_DISPATCH(AddProduct)(product, tile);
}

}  // namespace lenslet
#endif  // HWY_ONCE
