#include "lenslet/tensor/transpose.h"

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
constexpr int kTile = 1;

HWY_INLINE void TransposeTile(const float* from, int64_t, float* to, int64_t) {
  *to = *from;
}
#else
constexpr int kTile = 4;

// to[j * to_stride + i] = from[i * from_stride + j] for i and j below kTile.
HWY_INLINE void TransposeTile(const float* HWY_RESTRICT from,
                              int64_t from_stride, float* HWY_RESTRICT to,
                              int64_t to_stride) {
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<double, 2> pairs;
  const auto r0 = hn::LoadU(d, from);
  const auto r1 = hn::LoadU(d, from + from_stride);
  const auto r2 = hn::LoadU(d, from + 2 * from_stride);
  const auto r3 = hn::LoadU(d, from + 3 * from_stride);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  const auto store = [&](auto v, int64_t row) HWY_ATTR {
    hn::StoreU(hn::BitCast(d, v), d, to + row * to_stride);
  };
  store(hn::InterleaveLower(pairs, low01, low23), 0);
  store(hn::InterleaveUpper(pairs, low01, low23), 1);
  store(hn::InterleaveLower(pairs, high01, high23), 2);
  store(hn::InterleaveUpper(pairs, high01, high23), 3);
}
#endif

void TransposeMatrix(int64_t rows, int64_t columns, const float* from,
                     int64_t from_stride, float* to, int64_t to_stride) {
  const int64_t whole_rows = rows / kTile * kTile;
  const int64_t whole_columns = columns / kTile * kTile;
  for (int64_t i = 0; i < whole_rows; i += kTile) {
    for (int64_t j = 0; j < whole_columns; j += kTile) {
      TransposeTile(from + i * from_stride + j, from_stride,
                    to + j * to_stride + i, to_stride);
    }
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; ++j) {
      to[j * to_stride + i] = from[i * from_stride + j];
    }
  }
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
