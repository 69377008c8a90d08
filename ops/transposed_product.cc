#include "lenslet/ops/transposed_product.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/transposed_product.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// One tile of c, kRows rows by kVectors vectors, stays in registers over all
// positions. 4 x 2 vectors of sums with 2 of b and one of a fit the 16
// registers of AVX2 and NEON's 32.
constexpr int kRows = 4;
constexpr int kVectors = 2;

// Instruction sets without masks read beyond the end, which is allowed, but may
// not write there: it is another row, perhaps another thread's.
constexpr bool kHasMasks = HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 ||
                           HWY_TARGET == HWY_AVX3_DL;

// The first `size` floats, which `mask` stands for, and zeros.
template <class D, class M>
HWY_INLINE hn::Vec<D> LoadFirst(D d, M mask, const float* from) {
  if constexpr (kHasMasks) {
    return hn::MaskedLoad(mask, d, from);
  } else {
    return hn::IfThenElseZero(mask, hn::LoadU(d, from));
  }
}

template <class D, class M>
HWY_INLINE void AddFirst(D d, M mask, int64_t size, hn::Vec<D> v, float* to) {
  v = hn::Add(LoadFirst(d, mask, to), v);
  if constexpr (kHasMasks) {
    hn::BlendedStore(v, mask, d, to);
  } else {
    HWY_ALIGN float buffer[hn::MaxLanes(d)];
    hn::Store(v, d, buffer);
    std::copy_n(buffer, size, to);
  }
}

template <int rows_of_c, int vectors>
void AddTile(int64_t groups, int64_t rows, int64_t width, GroupedRows a,
             GroupedRows b, float* c, int64_t c_stride) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = hn::Lanes(d);
  // Only the last vector may be partial: `width` reaches into it.
  const auto mask = hn::FirstN(d, width - (vectors - 1) * lanes);
  V sums[rows_of_c][vectors];
  for (int i = 0; i < rows_of_c; ++i) {
    for (int j = 0; j < vectors; ++j) sums[i][j] = hn::Zero(d);
  }
  for (int64_t group = 0; group < groups; ++group) {
    const float* HWY_RESTRICT a_row = a.data + group * a.group_stride;
    const float* HWY_RESTRICT b_row = b.data + group * b.group_stride;
    for (int64_t row = 0; row < rows; ++row) {
      V b_vectors[vectors];
      for (int j = 0; j < vectors; ++j) {
        b_vectors[j] = j + 1 < vectors ? hn::LoadU(d, b_row + j * lanes)
                                       : LoadFirst(d, mask, b_row + j * lanes);
      }
      for (int i = 0; i < rows_of_c; ++i) {
        const V a_value = hn::Set(d, a_row[i]);
        for (int j = 0; j < vectors; ++j) {
          sums[i][j] = hn::MulAdd(a_value, b_vectors[j], sums[i][j]);
        }
      }
      a_row += a.row_stride;
      b_row += b.row_stride;
    }
  }
  for (int i = 0; i < rows_of_c; ++i) {
    for (int j = 0; j < vectors; ++j) {
      float* to = c + i * c_stride + j * lanes;
      if (j + 1 < vectors) {
        hn::StoreU(hn::Add(hn::LoadU(d, to), sums[i][j]), d, to);
      } else {
        AddFirst(d, mask, width - j * lanes, sums[i][j], to);
      }
    }
  }
}

template <int rows_of_c>
void AddRows(int64_t groups, int64_t rows, int64_t n, GroupedRows a,
             GroupedRows b, float* c, int64_t c_stride) {
  const int64_t lanes = hn::Lanes(hn::ScalableTag<float>());
  while (n > 0) {
    const int64_t width = std::min(n, kVectors * lanes);
    if (width > lanes) {
      AddTile<rows_of_c, kVectors>(groups, rows, width, a, b, c, c_stride);
    } else {
      AddTile<rows_of_c, 1>(groups, rows, width, a, b, c, c_stride);
    }
    b.data += width;
    c += width;
    n -= width;
  }
}

void AddProduct(int64_t groups, int64_t rows, int64_t m, int64_t n,
                GroupedRows a, GroupedRows b, float* c, int64_t c_stride) {
  for (; m >= kRows; m -= kRows) {
    AddRows<kRows>(groups, rows, n, a, b, c, c_stride);
    a.data += kRows;
    c += kRows * c_stride;
  }
  for (; m > 0; --m) {
    AddRows<1>(groups, rows, n, a, b, c, c_stride);
    a.data += 1;
    c += c_stride;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(AddProduct);

void AddTransposedProduct(int64_t groups, int64_t rows, int64_t m, int64_t n,
                          GroupedRows a, GroupedRows b, float* c,
                          int64_t c_stride) {
  HWY_DYNAMIC_DISPATCH(AddProduct)(groups, rows, m, n, a, b, c, c_stride);
}

}  // namespace lenslet
#endif  // HWY_ONCE
