#include "ops/pool/pool_lanes_row.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/pool/pool_lanes_row.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;

// Functions of one window. `taps` are offsets into x and dx, `count` of them,
// or kCount if that is not zero, so that the loops over taps unroll. y and dy
// have `floats` elements.

template <int kCount>
struct Average {
  static void Forward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                      int64_t count, float factor, int64_t floats,
                      float* HWY_RESTRICT y) {
    const Tag d;
    const auto factors = hn::Set(d, factor);
    const int64_t n = kCount > 0 ? kCount : count;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      auto sum = hn::Load(d, row.x + taps[0] + i);
      for (int64_t t = 1; t < n; ++t) {
        sum = hn::Add(sum, hn::Load(d, row.x + taps[t] + i));
      }
      hn::Store(hn::Mul(sum, factors), d, y + i);
    }
  }

  static void Backward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                       int64_t count, float factor, int64_t floats,
                       const float* HWY_RESTRICT,
                       const float* HWY_RESTRICT dy) {
    const Tag d;
    const auto factors = hn::Set(d, factor);
    const int64_t n = kCount > 0 ? kCount : count;
    float* HWY_RESTRICT dx = row.dx;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      const auto part = hn::Mul(hn::Load(d, dy + i), factors);
      for (int64_t t = 0; t < n; ++t) {
        float* to = dx + taps[t] + i;
        hn::Store(row.add ? hn::Add(hn::Load(d, to), part) : part, d, to);
      }
    }
  }
};

template <int kCount>
struct Maximum {
  static void Forward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                      int64_t count, float, int64_t floats,
                      float* HWY_RESTRICT y) {
    const Tag d;
    const int64_t n = kCount > 0 ? kCount : count;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      auto maximum = hn::Load(d, row.x + taps[0] + i);
      for (int64_t t = 1; t < n; ++t) {
        maximum = hn::Max(maximum, hn::Load(d, row.x + taps[t] + i));
      }
      hn::Store(maximum, d, y + i);
    }
  }

  // The first tap that equals the maximum takes the gradient.
  static void Backward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                       int64_t count, float, int64_t floats,
                       const float* HWY_RESTRICT y,
                       const float* HWY_RESTRICT dy) {
    const Tag d;
    const auto zero = hn::Zero(d);
    const int64_t n = kCount > 0 ? kCount : count;
    float* HWY_RESTRICT dx = row.dx;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      const auto maximum = hn::Load(d, y + i);
      auto rest = hn::Load(d, dy + i);
      for (int64_t t = 0; t < n; ++t) {
        const auto is_maximum =
            hn::Eq(hn::Load(d, row.x + taps[t] + i), maximum);
        const auto part = hn::IfThenElseZero(is_maximum, rest);
        rest = hn::IfThenElse(is_maximum, zero, rest);
        float* to = dx + taps[t] + i;
        hn::Store(row.add ? hn::Add(hn::Load(d, to), part) : part, d, to);
      }
    }
  }
};

// Calls body(taps, count, factor, offset in y) for each window of the row.
template <typename Body>
HWY_INLINE void ForEachWindow(const PoolRow& row, Body body) {
  const PoolGeometry& g = *row.geometry;
  const Window& w = g.window;
  const int64_t floats = g.channels * kLanes;
  const int64_t all_taps = w.kernel[0] * w.kernel[1] * w.kernel[2];
  int64_t* taps = row.taps->data();
  for (int64_t o = 0; o < g.output[2]; ++o) {
    const int64_t start = o * w.stride[2] - w.padding.before[2];
    int64_t count = 0;
    for (const int64_t row_start : *row.rows) {
      for (int64_t tap = 0; tap < w.kernel[2]; ++tap) {
        const int64_t i = start + tap * w.dilation[2];
        if (i < 0 || i >= g.input[2]) continue;
        taps[count++] = row_start + i * floats;
      }
    }
    const int64_t divisor = g.count_padding ? all_taps : count;
    body(taps, count, 1.0f / static_cast<float>(divisor), o * floats);
  }
}

template <template <int> class Kind>
void ForwardRow(const PoolRow& row) {
  const int64_t floats = row.geometry->channels * kLanes;
  ForEachWindow(row, [&](const int64_t* taps, int64_t count, float factor,
                         int64_t offset) HWY_ATTR {
    const auto function = count == 4 ? Kind<4>::Forward : Kind<0>::Forward;
    function(row, taps, count, factor, floats, row.y + offset);
  });
}

template <template <int> class Kind>
void BackwardRow(const PoolRow& row) {
  const int64_t floats = row.geometry->channels * kLanes;
  ForEachWindow(row, [&](const int64_t* taps, int64_t count, float factor,
                         int64_t offset) HWY_ATTR {
    const auto function = count == 4 ? Kind<4>::Backward : Kind<0>::Backward;
    function(row, taps, count, factor, floats, row.y + offset, row.dy + offset);
  });
}

void Forward(const PoolRow& row) {
  row.geometry->kind == PoolKind::kMax ? ForwardRow<Maximum>(row)
                                       : ForwardRow<Average>(row);
}

void Backward(const PoolRow& row) {
  row.geometry->kind == PoolKind::kMax ? BackwardRow<Maximum>(row)
                                       : BackwardRow<Average>(row);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

void PoolRowForward(const PoolRow& row) { HWY_DYNAMIC_DISPATCH(Forward)(row); }

void PoolRowBackward(const PoolRow& row) {
  HWY_DYNAMIC_DISPATCH(Backward)(row);
}

}  // namespace lenslet
#endif  // HWY_ONCE
