#include "lenslet/ops/pool/pool_lanes_row.h"

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/pool/pool_lanes_row.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/math-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;

// Functions of one window. `taps` are offsets into x and dx, `count` of them,
// or kCount if that is not zero, so that the loops over taps unroll. y and dy
// have `floats` elements.

HWY_INLINE hn::Vec<Tag> PartSum(const float* HWY_RESTRICT x,
                                const int64_t* HWY_RESTRICT taps,
                                int64_t count) {
  const Tag d;
  auto sum = hn::Load(d, x + taps[0]);
  for (int64_t t = 1; t < count; ++t) {
    sum = hn::Add(sum, hn::Load(d, x + taps[t]));
  }
  return sum;
}

template <int kCount>
struct Average {
  static void Forward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                      int64_t count, float factor, int64_t floats,
                      float* HWY_RESTRICT y) {
    const Tag d;
    const auto factors = hn::Set(d, factor);
    const int64_t n = kCount > 0 ? kCount : count;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      const float* HWY_RESTRICT x = row.x + i;
      auto sum = PartSum(x, taps, std::min(n, kPartTaps));
      for (int64_t t = kPartTaps; t < n; t += kPartTaps) {
        sum = hn::Add(sum, PartSum(x, taps + t, std::min(n - t, kPartTaps)));
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

struct Larger {
  template <class V>
  static HWY_INLINE V Of(V a, V b) {
    return hn::Max(a, b);
  }
};

struct Smaller {
  template <class V>
  static HWY_INLINE V Of(V a, V b) {
    return hn::Min(a, b);
  }
};

// `Choice` is Larger or Smaller.
template <class Choice>
HWY_INLINE hn::Vec<Tag> Choose(const float* HWY_RESTRICT x,
                               const int64_t* HWY_RESTRICT taps,
                               int64_t count) {
  const Tag d;
  auto chosen = hn::Load(d, x + taps[0]);
  for (int64_t t = 1; t < count; ++t) {
    chosen = Choice::Of(chosen, hn::Load(d, x + taps[t]));
  }
  return chosen;
}

template <int kCount, class Choice>
struct Extreme {
  static void Forward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                      int64_t count, float, int64_t floats,
                      float* HWY_RESTRICT y) {
    const Tag d;
    const int64_t n = kCount > 0 ? kCount : count;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      hn::Store(Choose<Choice>(row.x + i, taps, n), d, y + i);
    }
  }

  // The first tap that equals the result takes the gradient.
  static void Backward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                       int64_t count, float, int64_t floats,
                       const float* HWY_RESTRICT y,
                       const float* HWY_RESTRICT dy) {
    const Tag d;
    const auto zero = hn::Zero(d);
    const int64_t n = kCount > 0 ? kCount : count;
    float* HWY_RESTRICT dx = row.dx;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      const auto extreme = hn::Load(d, y + i);
      auto rest = hn::Load(d, dy + i);
      for (int64_t t = 0; t < n; ++t) {
        const auto is_extreme =
            hn::Eq(hn::Load(d, row.x + taps[t] + i), extreme);
        const auto part = hn::IfThenElseZero(is_extreme, rest);
        rest = hn::IfThenElse(is_extreme, zero, rest);
        float* to = dx + taps[t] + i;
        hn::Store(row.add ? hn::Add(hn::Load(d, to), part) : part, d, to);
      }
    }
  }
};

template <int kCount>
using Maximum = Extreme<kCount, Larger>;
template <int kCount>
using Minimum = Extreme<kCount, Smaller>;

// A tap's score is its difference from the maximum, in temperatures.
template <int kCount>
struct Softmax {
  // In the range of Exp(), so that scores' products with weights are finite.
  template <class V>
  static HWY_INLINE V Score(V x, V maximum, V inverse_temperature) {
    const V score = hn::Mul(hn::Sub(x, maximum), inverse_temperature);
    // In this order a NaN stays one on x86.
    return hn::Max(hn::Set(Tag(), -87.0f), score);
  }

  static void Forward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                      int64_t count, float, int64_t floats,
                      float* HWY_RESTRICT y) {
    const Tag d;
    const auto inverse = hn::Set(d, InverseTemperature(*row.geometry));
    const int64_t n = kCount > 0 ? kCount : count;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      const auto maximum = Choose<Larger>(row.x + i, taps, n);
      auto weights = hn::Zero(d);
      auto sum = hn::Zero(d);
      for (int64_t t = 0; t < n; ++t) {
        const auto x = hn::Load(d, row.x + taps[t] + i);
        const auto weight = Exp(d, Score(x, maximum, inverse));
        weights = hn::Add(weights, weight);
        sum = hn::MulAdd(weight, x, sum);
      }
      hn::Store(hn::Div(sum, weights), d, y + i);
    }
  }

  static void Backward(const PoolRow& row, const int64_t* HWY_RESTRICT taps,
                       int64_t count, float, int64_t floats,
                       const float* HWY_RESTRICT,
                       const float* HWY_RESTRICT dy) {
    const Tag d;
    const auto inverse = hn::Set(d, InverseTemperature(*row.geometry));
    const int64_t n = kCount > 0 ? kCount : count;
    float* HWY_RESTRICT dx = row.dx;
    for (int64_t i = 0; i < floats; i += hn::Lanes(d)) {
      const auto maximum = Choose<Larger>(row.x + i, taps, n);
      auto weights = hn::Zero(d);
      auto moments = hn::Zero(d);
      for (int64_t t = 0; t < n; ++t) {
        const auto x = hn::Load(d, row.x + taps[t] + i);
        const auto score = Score(x, maximum, inverse);
        const auto weight = Exp(d, score);
        weights = hn::Add(weights, weight);
        moments = hn::MulAdd(weight, score, moments);
      }
      const auto share = hn::Div(hn::Load(d, dy + i), weights);
      const auto mean_score = hn::Div(moments, weights);
      const auto offset = hn::Sub(hn::Set(d, 1.0f), mean_score);
      for (int64_t t = 0; t < n; ++t) {
        const auto x = hn::Load(d, row.x + taps[t] + i);
        const auto score = Score(x, maximum, inverse);
        const auto part =
            hn::Mul(hn::Mul(share, Exp(d, score)), hn::Add(score, offset));
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
  const int64_t floats = g.channels * kLanes;
  int64_t* taps = row.taps->data();
  for (int64_t o = 0; o < g.output[2]; ++o) {
    const PoolTaps along = TapsAt(g, 2, o);
    int64_t count = 0;
    for (const int64_t row_start : *row.rows) {
      for (int64_t tap = 0; tap < along.count; ++tap) {
        taps[count++] =
            row_start + (along.first + tap * along.dilation) * floats;
      }
    }
    const int64_t divisor = row.divisor * along.divisor;
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
  switch (row.geometry->kind) {
    case PoolKind::kMax:
      return ForwardRow<Maximum>(row);
    case PoolKind::kAverage:
      return ForwardRow<Average>(row);
    case PoolKind::kMin:
      return ForwardRow<Minimum>(row);
    case PoolKind::kSoftmax:
      return ForwardRow<Softmax>(row);
  }
}

void Backward(const PoolRow& row) {
  switch (row.geometry->kind) {
    case PoolKind::kMax:
      return BackwardRow<Maximum>(row);
    case PoolKind::kAverage:
      return BackwardRow<Average>(row);
    case PoolKind::kMin:
      return BackwardRow<Minimum>(row);
    case PoolKind::kSoftmax:
      return BackwardRow<Softmax>(row);
  }
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
