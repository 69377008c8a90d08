#include "lenslet/ops/conv/conv_lanes_channels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/conv/conv_lanes_channels.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;

void SumsAtPosition(const ChannelSumsAtPosition& s) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t c = 0; c < s.channels; ++c) {
    const float* HWY_RESTRICT w = s.w + c * s.w_stride;
    const auto start = hn::Set(d, s.start == nullptr ? 0.0f : s.start[c]);
    for (int64_t i = c * kLanes; i < (c + 1) * kLanes; i += lanes) {
      auto sum = start;
      for (const ChannelTap& tap : s.taps) {
        sum = hn::MulAdd(hn::Load(d, s.from + tap.from + i),
                         hn::Set(d, w[tap.tap]), sum);
      }
      hn::Store(sum, d, s.to + i);
    }
  }
}

// The positions whose tap is on a column.
struct PositionRange {
  int64_t begin = 0;
  int64_t end = 0;
};

PositionRange PositionsOf(const ChannelProducts& p, int64_t tap) {
  const auto column = [&](int64_t position) {
    return position * p.stride - p.padding + tap * p.dilation;
  };
  PositionRange range = {.begin = 0, .end = p.positions};
  while (range.begin < range.end && column(range.begin) < 0) ++range.begin;
  while (range.begin < range.end && column(range.end - 1) >= p.columns) {
    --range.end;
  }
  return range;
}

template <int taps>
struct TapPositions {
  explicit TapPositions(const ChannelProducts& p) {
    all = {.begin = 0, .end = p.positions};
    for (int t = 0; t < taps; ++t) {
      of[t] = PositionsOf(p, t);
      all.begin = std::max(all.begin, of[t].begin);
      all.end = std::min(all.end, of[t].end);
    }
    all.end = std::max(all.begin, all.end);
  }

  PositionRange of[taps];
  PositionRange all;  // With all taps on columns.
};

// A channel's products for `runs` runs of `taps` taps. A sum can be added to
// only every four cycles, so several are added to in turn.
template <int runs, int taps>
struct Products {
  // From channel c's images `lane` on.
  static void Run(const ChannelProducts& p, const ChannelProductRun* run,
                  const TapPositions<taps>& with, int64_t c, int64_t lane) {
    const Tag d;
    using V = hn::Vec<Tag>;
    const int64_t position = p.channels * kLanes;
    const int64_t x_step = p.dilation * position;
    const int64_t offset = c * kLanes + lane;
    float* to[runs];
    const float* x[runs];
    V sums[runs][taps];
    HWY_UNROLL(8)
    for (int r = 0; r < runs; ++r) {
      x[r] = p.x + run[r].x - p.padding * position + offset;
      to[r] = p.sums + run[r].sums + c * p.sums_stride + lane;
      HWY_UNROLL(8)
      for (int t = 0; t < taps; ++t) {
        sums[r][t] = hn::Load(d, to[r] + t * kLanes);
      }
    }
    const float* HWY_RESTRICT dy = p.dy + offset;
    const auto add_some = [&](int64_t i) HWY_ATTR {
      const V gradient = hn::Load(d, dy + i * position);
      HWY_UNROLL(8)
      for (int t = 0; t < taps; ++t) {
        if (i < with.of[t].begin || i >= with.of[t].end) continue;
        HWY_UNROLL(8)
        for (int r = 0; r < runs; ++r) {
          sums[r][t] = hn::MulAdd(
              hn::Load(d, x[r] + i * p.stride * position + t * x_step),
              gradient, sums[r][t]);
        }
      }
    };
    int64_t i = 0;
    for (; i < with.all.begin; ++i) add_some(i);
    for (; i < with.all.end; ++i) {
      const V gradient = hn::Load(d, dy + i * position);
      HWY_UNROLL(8)
      for (int t = 0; t < taps; ++t) {
        HWY_UNROLL(8)
        for (int r = 0; r < runs; ++r) {
          sums[r][t] = hn::MulAdd(
              hn::Load(d, x[r] + i * p.stride * position + t * x_step),
              gradient, sums[r][t]);
        }
      }
    }
    for (; i < p.positions; ++i) add_some(i);
    HWY_UNROLL(8)
    for (int r = 0; r < runs; ++r) {
      HWY_UNROLL(8)
      for (int t = 0; t < taps; ++t) {
        hn::Store(sums[r][t], d, to[r] + t * kLanes);
      }
    }
  }
};

// All channels, `runs` runs at a time.
template <int runs, int taps>
void AddProductsOf(const ChannelProducts& p,
                   absl::Span<const ChannelProductRun> some) {
  const TapPositions<taps> with(p);
  for (int64_t c = 0; c < p.channels; ++c) {
    for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(Tag())) {
      Products<runs, taps>::Run(p, some.data(), with, c, lane);
    }
  }
}

void AddProducts(const ChannelProducts& p) {
  absl::Span<const ChannelProductRun> runs = p.runs;
  if (p.taps == 3) {
    for (; runs.size() >= 3; runs.remove_prefix(3)) {
      AddProductsOf<3, 3>(p, runs);
    }
    if (runs.size() == 2) return AddProductsOf<2, 3>(p, runs);
    if (runs.size() == 1) AddProductsOf<1, 3>(p, runs);
    return;
  }
  if (p.taps == 5) {
    for (; runs.size() >= 2; runs.remove_prefix(2)) {
      AddProductsOf<2, 5>(p, runs);
    }
    if (runs.size() == 1) AddProductsOf<1, 5>(p, runs);
    return;
  }
  for (const ChannelProductRun& run : runs) {
    ChannelProducts tap = p;
    tap.taps = 1;
    for (int64_t t = 0; t < p.taps; ++t) {
      tap.padding = p.padding - t * p.dilation;
      const ChannelProductRun one = {.x = run.x, .sums = run.sums + t * kLanes};
      AddProductsOf<1, 1>(tap, {&one, 1});
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(SumsAtPosition);
HWY_EXPORT(AddProducts);

void ComputeChannelSumsAtPosition(const ChannelSumsAtPosition& sums) {
  HWY_DYNAMIC_DISPATCH(SumsAtPosition)(sums);
}

void AddChannelProducts(const ChannelProducts& products) {
  HWY_DYNAMIC_DISPATCH(AddProducts)(products);
}

}  // namespace lenslet
#endif  // HWY_ONCE
