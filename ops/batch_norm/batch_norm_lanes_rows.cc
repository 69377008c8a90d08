#include "lenslet/ops/batch_norm/batch_norm_lanes_rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/batch_norm/batch_norm_lanes_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/activation/activation-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;
using Vector = hn::Vec<Tag>;

// Positions whose numbers are added up in floats.
constexpr int64_t kRun = 16;

// For each channel and i < kSums: sums[i][c] is the sum of the i-th vector that
// term(c, offset, terms) makes of each position.
template <int kSums, class Term>
HWY_INLINE void Sum(const BatchNormBlock& b, double* HWY_RESTRICT memory,
                    double* const* sums, Term term) {
  const Tag d;
  const int64_t step = b.channels * kLanes;
  std::fill_n(memory, kSums * step, 0.0);
  for (int64_t group = 0; group < LaneGroups(b.images); ++group) {
    const int64_t real = std::min(kLanes, b.images - group * kLanes);
    for (int64_t run = 0; run < b.positions; run += kRun) {
      const int64_t start = (group * b.positions + run) * step;
      const int64_t end = start + std::min(kRun, b.positions - run) * step;
      for (int64_t c = 0; c < b.channels; ++c) {
        HWY_ALIGN float run_sums[kSums][kLanes];
        for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
          Vector first = hn::Zero(d);
          Vector second = hn::Zero(d);
          const int64_t offset = c * kLanes + lane;
          for (int64_t i = start + offset; i < end; i += step) {
            term(c, i, first, second);
          }
          hn::Store(first, d, run_sums[0] + lane);
          if (kSums > 1) hn::Store(second, d, run_sums[kSums - 1] + lane);
        }
        for (int s = 0; s < kSums; ++s) {
          std::fill(run_sums[s] + real, run_sums[s] + kLanes, 0.0f);
          double* HWY_RESTRICT to = memory + s * step + c * kLanes;
          for (int64_t lane = 0; lane < kLanes; ++lane) {
            to[lane] += static_cast<double>(run_sums[s][lane]);
          }
        }
      }
    }
  }
  for (int s = 0; s < kSums; ++s) {
    for (int64_t c = 0; c < b.channels; ++c) {
      double sum = 0;
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        sum += memory[s * step + c * kLanes + lane];
      }
      sums[s][c] = sum;
    }
  }
}

void DifferencesOf(const BatchNormBlock& block, const float* x,
                   const float* center, double* memory, double* sums) {
  const Tag d;
  Sum<1>(block, memory, &sums,
         [&](int64_t c, int64_t i, Vector& sum, Vector&) HWY_ATTR {
           sum =
               hn::Add(sum, hn::Sub(hn::Load(d, x + i), hn::Set(d, center[c])));
         });
}

void SquaresOf(const BatchNormBlock& block, const float* x, const float* center,
               double* memory, double* sums) {
  const Tag d;
  Sum<1>(block, memory, &sums,
         [&](int64_t c, int64_t i, Vector& sum, Vector&) HWY_ATTR {
           const Vector difference =
               hn::Sub(hn::Load(d, x + i), hn::Set(d, center[c]));
           sum = hn::MulAdd(difference, difference, sum);
         });
}

// Calls body(dz), where dz(i) loads the vector at offset i.
template <class Body>
HWY_INLINE void WithGradient(const BatchNormGradient& gradient, Body body) {
  const Tag d;
  const float* dy = gradient.dy;
  const float* y = gradient.y;
  if (y == nullptr) {
    body([=](int64_t i) HWY_ATTR { return hn::Load(d, dy + i); });
    return;
  }
  body([=](int64_t i) HWY_ATTR {
    return hn::IfThenElseZero(hn::Gt(hn::Load(d, y + i), hn::Zero(d)),
                              hn::Load(d, dy + i));
  });
}

void GradientsOf(const BatchNormBlock& block, const float* x,
                 const BatchNormGradient& gradient, const float* center,
                 double* memory, double* dz_sums, double* dz_x_sums) {
  const Tag d;
  double* const sums[2] = {dz_sums, dz_x_sums};
  WithGradient(gradient, [&](auto load) HWY_ATTR {
    Sum<2>(
        block, memory, sums,
        [&](int64_t c, int64_t i, Vector& dz_sum, Vector& dz_x_sum) HWY_ATTR {
          const Vector dz = load(i);
          dz_sum = hn::Add(dz_sum, dz);
          dz_x_sum = hn::MulAdd(
              dz, hn::Sub(hn::Load(d, x + i), hn::Set(d, center[c])), dz_x_sum);
        });
  });
}

// Calls body(c, offset) for each vector of the block.
template <class Body>
HWY_INLINE void ForEachVector(const BatchNormBlock& b, Body body) {
  const Tag d;
  int64_t i = 0;
  for (int64_t row = 0; row < LaneGroups(b.images) * b.positions; ++row) {
    for (int64_t c = 0; c < b.channels; ++c) {
      for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
        body(c, i + lane);
      }
      i += kLanes;
    }
  }
}

void NormalizeTo(const BatchNormBlock& block, bool relu, const float* x,
                 const float* center, const float* factor, const float* shift,
                 float* HWY_RESTRICT y) {
  const Tag d;
  const auto normalized = [=](int64_t c, int64_t i) HWY_ATTR {
    return hn::MulAdd(hn::Sub(hn::Load(d, x + i), hn::Set(d, center[c])),
                      hn::Set(d, factor[c]), hn::Set(d, shift[c]));
  };
  if (!relu) {
    ForEachVector(block, [&](int64_t c, int64_t i) HWY_ATTR {
      hn::Store(normalized(c, i), d, y + i);
    });
    return;
  }
  const ReluFunction rectifier;
  ForEachVector(block, [&](int64_t c, int64_t i) HWY_ATTR {
    hn::Store(rectifier.Value(d, normalized(c, i)), d, y + i);
  });
}

void NormalizeChannelsTo(int64_t positions, int64_t channels, const float* x,
                         const float* center, const float* factor,
                         const float* shift, float* HWY_RESTRICT y) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t c = 0; c < channels; c += lanes) {
    const Vector center_c = hn::LoadU(d, center + c);
    const Vector factor_c = hn::LoadU(d, factor + c);
    const Vector shift_c = hn::LoadU(d, shift + c);
    const int64_t room = channels - c;
    for (int64_t i = c; i < positions * channels; i += channels) {
      StoreWhereRoom(
          d, room,
          hn::MulAdd(hn::Sub(hn::LoadU(d, x + i), center_c), factor_c, shift_c),
          y + i);
    }
  }
}

void NormalizeGradientTo(const BatchNormBlock& block, const float* x,
                         const BatchNormGradient& gradient, const float* center,
                         const float* dz_factor, const float* x_factor,
                         const float* shift, float* HWY_RESTRICT dx) {
  const Tag d;
  WithGradient(gradient, [&](auto load) HWY_ATTR {
    ForEachVector(block, [&](int64_t c, int64_t i) HWY_ATTR {
      const Vector part =
          hn::MulAdd(hn::Sub(hn::Load(d, x + i), hn::Set(d, center[c])),
                     hn::Set(d, x_factor[c]), hn::Set(d, shift[c]));
      hn::Store(hn::MulAdd(load(i), hn::Set(d, dz_factor[c]), part), d, dx + i);
    });
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(DifferencesOf);
HWY_EXPORT(SquaresOf);
HWY_EXPORT(GradientsOf);
HWY_EXPORT(NormalizeTo);
HWY_EXPORT(NormalizeChannelsTo);
HWY_EXPORT(NormalizeGradientTo);

int64_t BatchNormSumMemory(const BatchNormBlock& block) {
  return 2 * block.channels * kLanes;
}

void SumDifferences(const BatchNormBlock& block, const float* x,
                    const float* center, double* memory, double* sums) {
  HWY_DYNAMIC_DISPATCH(DifferencesOf)(block, x, center, memory, sums);
}

void SumSquares(const BatchNormBlock& block, const float* x,
                const float* center, double* memory, double* sums) {
  HWY_DYNAMIC_DISPATCH(SquaresOf)(block, x, center, memory, sums);
}

void SumGradients(const BatchNormBlock& block, const float* x,
                  const BatchNormGradient& gradient, const float* center,
                  double* memory, double* dz_sums, double* dz_x_sums) {
  HWY_DYNAMIC_DISPATCH(GradientsOf)
  (block, x, gradient, center, memory, dz_sums, dz_x_sums);
}

void Normalize(const BatchNormBlock& block, bool relu, const float* x,
               const float* center, const float* factor, const float* shift,
               float* y) {
  HWY_DYNAMIC_DISPATCH(NormalizeTo)(block, relu, x, center, factor, shift, y);
}

void NormalizeChannels(int64_t positions, int64_t channels, const float* x,
                       const float* center, const float* factor,
                       const float* shift, float* y) {
  HWY_DYNAMIC_DISPATCH(NormalizeChannelsTo)
  (positions, channels, x, center, factor, shift, y);
}

void NormalizeGradient(const BatchNormBlock& block, const float* x,
                       const BatchNormGradient& gradient, const float* center,
                       const float* dz_factor, const float* x_factor,
                       const float* shift, float* dx) {
  HWY_DYNAMIC_DISPATCH(NormalizeGradientTo)
  (block, x, gradient, center, dz_factor, x_factor, shift, dx);
}

}  // namespace lenslet
#endif  // HWY_ONCE
