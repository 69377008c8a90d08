#include "lenslet/tensor/transpose.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/transpose.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
constexpr int kMaxTile = 1;
#elif HWY_HAVE_SCALABLE
constexpr int kMaxTile = 4;
#else
constexpr int kMaxTile = std::min(HWY_MAX_BYTES / 4, 16);
#endif

// to[j * to_stride + i] = from[i * from_stride + j] for i and j below `tile`.
template <int tile>
struct TransposeTile;

template <>
struct TransposeTile<1> {
  static void Run(const float* from, int64_t, float* to, int64_t) {
    *to = *from;
  }
};

#if HWY_TARGET != HWY_SCALAR
// In each block of 16 bytes, transposes the 4x4 numbers of four rows.
template <class D>
HWY_INLINE void TransposeBlocks(D d, hn::Vec<D>* rows) {
  const hn::Repartition<double, D> pairs;
  const auto low01 =
      hn::BitCast(pairs, hn::InterleaveLower(d, rows[0], rows[1]));
  const auto low23 =
      hn::BitCast(pairs, hn::InterleaveLower(d, rows[2], rows[3]));
  const auto high01 =
      hn::BitCast(pairs, hn::InterleaveUpper(d, rows[0], rows[1]));
  const auto high23 =
      hn::BitCast(pairs, hn::InterleaveUpper(d, rows[2], rows[3]));
  rows[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
  rows[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
  rows[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
  rows[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}

template <>
struct TransposeTile<4> {
  static void Run(const float* HWY_RESTRICT from, int64_t from_stride,
                  float* HWY_RESTRICT to, int64_t to_stride) {
    const hn::FixedTag<float, 4> d;
    hn::Vec<decltype(d)> rows[4];
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) rows[i] = hn::LoadU(d, from + i * from_stride);
    TransposeBlocks(d, rows);
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) hn::StoreU(rows[i], d, to + i * to_stride);
  }
};
#endif

#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 32
template <>
struct TransposeTile<8> {
  static void Run(const float* HWY_RESTRICT from, int64_t from_stride,
                  float* HWY_RESTRICT to, int64_t to_stride) {
    const hn::FixedTag<float, 8> d;
    hn::Vec<decltype(d)> rows[8];
    HWY_UNROLL(8)
    for (int i = 0; i < 8; ++i) rows[i] = hn::LoadU(d, from + i * from_stride);
    TransposeBlocks(d, rows);
    TransposeBlocks(d, rows + 4);
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      hn::StoreU(hn::ConcatLowerLower(d, rows[i + 4], rows[i]), d,
                 to + i * to_stride);
      hn::StoreU(hn::ConcatUpperUpper(d, rows[i + 4], rows[i]), d,
                 to + (i + 4) * to_stride);
    }
  }
};
#endif

#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 64
template <>
struct TransposeTile<16> {
  static void Run(const float* HWY_RESTRICT from, int64_t from_stride,
                  float* HWY_RESTRICT to, int64_t to_stride) {
    const hn::FixedTag<float, 16> d;
    using V = hn::Vec<decltype(d)>;
    V rows[16];
    HWY_UNROLL(16)
    for (int i = 0; i < 16; ++i) {
      rows[i] = hn::LoadU(d, from + i * from_stride);
    }
    HWY_UNROLL(4)
    for (int i = 0; i < 16; i += 4) TransposeBlocks(d, rows + i);
    // Transposes the 4x4 blocks of rows i, i + 4, i + 8 and i + 12.
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      const auto store = [&](V even, V odd, int row) HWY_ATTR {
        hn::StoreU(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(odd), even), d,
                   to + row * to_stride);
        hn::StoreU(hn::OddEvenBlocks(odd, hn::SwapAdjacentBlocks(even)), d,
                   to + (row + 4) * to_stride);
      };
      store(hn::ConcatLowerLower(d, rows[i + 8], rows[i]),
            hn::ConcatLowerLower(d, rows[i + 12], rows[i + 4]), i);
      store(hn::ConcatUpperUpper(d, rows[i + 8], rows[i]),
            hn::ConcatUpperUpper(d, rows[i + 12], rows[i + 4]), i + 8);
    }
  }
};
#endif

// Where a side is no multiple of the tile, the last tile overlaps the one
// before it.
template <int tile>
void TransposeTiles(int64_t rows, int64_t columns, const float* from,
                    int64_t from_stride, float* to, int64_t to_stride) {
  for (int64_t row = 0; row < rows; row += tile) {
    const int64_t i = std::min(row, rows - tile);
    for (int64_t column = 0; column < columns; column += tile) {
      const int64_t j = std::min(column, columns - tile);
      TransposeTile<tile>::Run(from + i * from_stride + j, from_stride,
                               to + j * to_stride + i, to_stride);
    }
  }
}

template <int tile>
void TransposeBy(int64_t rows, int64_t columns, const float* from,
                 int64_t from_stride, float* to, int64_t to_stride) {
  if constexpr (tile > 1) {
    if (std::min(rows, columns) < tile) {
      constexpr int kSmaller = tile == 4 ? 1 : tile / 2;
      return TransposeBy<kSmaller>(rows, columns, from, from_stride, to,
                                   to_stride);
    }
  }
  TransposeTiles<tile>(rows, columns, from, from_stride, to, to_stride);
}

void TransposeMatrix(int64_t rows, int64_t columns, const float* from,
                     int64_t from_stride, float* to, int64_t to_stride) {
  TransposeBy<kMaxTile>(rows, columns, from, from_stride, to, to_stride);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(TransposeMatrix);

void Transpose(int64_t rows, int64_t columns, const float* from,
               int64_t from_stride, float* to, int64_t to_stride) {
  HWY_DYNAMIC_DISPATCH(TransposeMatrix)
  (rows, columns, from, from_stride, to, to_stride);
}

}  // namespace lenslet
#endif  // HWY_ONCE
