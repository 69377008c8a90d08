#include "lenslet/ops/batch_norm/batch_norm_lanes_rows.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/batch_norm/batch_norm_lanes_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;
using Vector = hn::Vec<Tag>;

// Positions whose numbers are added up in floats, and that a chunk's vectors
// are computed for one after the other: they stay in the L1 cache.
constexpr int64_t kRun = 16;

// Neighboring vectors of a position that are computed together: so many sums do
// not wait for each other, and their channels' numbers stay in registers.
constexpr int kChunk = kVectorRegisters / 8;

// Vectors of the same channels at the positions of a run: `size` of them at
// offset `begin` of the block, at begin + step, ..., before `end`.
template <int size>
struct Chunk {
  int64_t group;
  int64_t offset;  // Floats of a position before the vectors.
  int64_t begin;
  int64_t end;
  int64_t step;

  // For each vector, its channel's number.
  HWY_INLINE void Load(const float* numbers, Vector (&to)[size]) const {
    const Tag d;
    HWY_UNROLL(4)
    for (int j = 0; j < size; ++j) {
      to[j] = hn::Set(d, numbers[(offset + j * hn::Lanes(d)) / kLanes]);
    }
  }

  // Calls body(j, i) for vector j at offset i of the block.
  template <class Body>
  HWY_INLINE void ForEach(Body body) const {
    const Tag d;
    const int64_t lanes = hn::Lanes(d);
    for (int64_t i = begin; i < end; i += step) {
      HWY_UNROLL(4)
      for (int j = 0; j < size; ++j) body(j, i + j * lanes);
    }
  }
};

// Calls body(chunk) for all vectors of the block.
template <class Body>
HWY_INLINE void ForEachChunk(const BatchNormBlock& b, Body body) {
  const int64_t lanes = hn::Lanes(Tag());
  const int64_t step = b.channels * kLanes;
  for (int64_t group = 0; group < LaneGroups(b.images); ++group) {
    for (int64_t run = 0; run < b.positions; run += kRun) {
      const int64_t start = (group * b.positions + run) * step;
      const int64_t end = start + std::min(kRun, b.positions - run) * step;
      int64_t at = 0;
      for (; at + kChunk * lanes <= step; at += kChunk * lanes) {
        body(Chunk<kChunk>{group, at, start + at, end, step});
      }
      for (; at < step; at += lanes) {
        body(Chunk<1>{group, at, start + at, end, step});
      }
    }
  }
}

// Adds the vectors of floats to as many doubles, but for missing images.
template <int size>
HWY_INLINE void AddToDoubles(const Vector (&sums)[size], int64_t offset,
                             int64_t real, double* HWY_RESTRICT to) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  HWY_ALIGN float floats[size * kLanes];
  for (int j = 0; j < size; ++j) hn::Store(sums[j], d, floats + j * lanes);
  for (int64_t i = 0; real < kLanes && i < size * lanes; ++i) {
    if ((offset + i) % kLanes >= real) floats[i] = 0;
  }
  for (int64_t i = 0; i < size * lanes; ++i) {
    to[offset + i] += static_cast<double>(floats[i]);
  }
}

// Images of a group that are not missing.
HWY_INLINE int64_t RealImages(const BatchNormBlock& b, int64_t group) {
  return std::min(kLanes, b.images - group * kLanes);
}

// Of each channel's kLanes numbers, the sum.
void SumLanes(const BatchNormBlock& b, const double* memory, double* sums) {
  for (int64_t c = 0; c < b.channels; ++c) {
    double sum = 0;
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      sum += memory[c * kLanes + lane];
    }
    sums[c] = sum;
  }
}

// For each channel, the sum of what add(difference, sum) makes of each x -
// center.
template <class Add>
HWY_INLINE void SumOfDifferences(const BatchNormBlock& block, const float* x,
                                 const float* center, double* memory,
                                 double* sums, Add add) {
  const Tag d;
  std::fill_n(memory, block.channels * kLanes, 0.0);
  ForEachChunk(block, [&]<int size>(const Chunk<size>& chunk) HWY_ATTR {
    Vector centers[size];
    chunk.Load(center, centers);
    Vector chunk_sums[size];
    HWY_UNROLL(4)
    for (int j = 0; j < size; ++j) chunk_sums[j] = hn::Zero(d);
    chunk.ForEach([&](int j, int64_t i) HWY_ATTR {
      chunk_sums[j] =
          add(hn::Sub(hn::Load(d, x + i), centers[j]), chunk_sums[j]);
    });
    AddToDoubles(chunk_sums, chunk.offset, RealImages(block, chunk.group),
                 memory);
  });
  SumLanes(block, memory, sums);
}

void DifferencesOf(const BatchNormBlock& block, const float* x,
                   const float* center, double* memory, double* sums) {
  SumOfDifferences(block, x, center, memory, sums,
                   [](Vector difference, Vector sum)
                       HWY_ATTR { return hn::Add(sum, difference); });
}

void SquaresOf(const BatchNormBlock& block, const float* x, const float* center,
               double* memory, double* sums) {
  SumOfDifferences(block, x, center, memory, sums,
                   [](Vector difference, Vector sum) HWY_ATTR {
                     return hn::MulAdd(difference, difference, sum);
                   });
}

// The numbers of a chunk's channels by which Normalize() works.
template <int size>
struct ChunkNormalization {
  Vector center[size];
  Vector factor[size];
  Vector shift[size];

  HWY_INLINE ChunkNormalization(const Chunk<size>& chunk,
                                const BatchNormNormalization& n) {
    chunk.Load(n.center, center);
    chunk.Load(n.factor, factor);
    chunk.Load(n.shift, shift);
  }

  // Of vector j, whose number less the center is `difference`.
  HWY_INLINE Vector Value(int j, Vector difference) const {
    return hn::MulAdd(difference, factor[j], shift[j]);
  }
};

// What tells where the rectifier passed a number.
enum class Rectified { kNothing, kNormalized, kOutput };

// Calls body(kind) for the kind that the gradient has, as a constant.
template <class Body>
HWY_INLINE void ForRectified(const BatchNormOutputGradient& g, Body body) {
  if (!g.relu) {
    body(std::integral_constant<Rectified, Rectified::kNothing>());
  } else if (g.y == nullptr) {
    body(std::integral_constant<Rectified, Rectified::kNormalized>());
  } else {
    body(std::integral_constant<Rectified, Rectified::kOutput>());
  }
}

// dz at offset i, where Normalize()'s value before the rectifier and the array
// added is `normalized`.
template <Rectified rectified>
HWY_INLINE Vector BeforeRelu(const BatchNormOutputGradient& g, int64_t i,
                             Vector normalized) {
  const Tag d;
  const Vector dy = hn::Load(d, g.dy + i);
  if constexpr (rectified == Rectified::kNothing) return dy;
  if constexpr (rectified == Rectified::kOutput) {
    normalized = hn::Load(d, g.y + i);
  }
  return hn::IfThenElseZero(hn::Gt(normalized, hn::Zero(d)), dy);
}

template <Rectified rectified>
void GradientsOfEither(const BatchNormBlock& block,
                       const BatchNormOutputGradient& output_gradient,
                       const float* x, const BatchNormNormalization& n,
                       double* memory, double* dz_sums, double* dz_x_sums) {
  const Tag d;
  const int64_t step = block.channels * kLanes;
  std::fill_n(memory, 2 * step, 0.0);
  ForEachChunk(block, [&]<int size>(const Chunk<size>& chunk) HWY_ATTR {
    const ChunkNormalization<size> channels(chunk, n);
    Vector sums[size];
    Vector x_sums[size];
    HWY_UNROLL(4)
    for (int j = 0; j < size; ++j) sums[j] = x_sums[j] = hn::Zero(d);
    chunk.ForEach([&](int j, int64_t i) HWY_ATTR {
      const Vector difference = hn::Sub(hn::Load(d, x + i), channels.center[j]);
      const Vector dz = BeforeRelu<rectified>(output_gradient, i,
                                              channels.Value(j, difference));
      sums[j] = hn::Add(sums[j], dz);
      x_sums[j] = hn::MulAdd(dz, difference, x_sums[j]);
    });
    const int64_t real = RealImages(block, chunk.group);
    AddToDoubles(sums, chunk.offset, real, memory);
    AddToDoubles(x_sums, chunk.offset, real, memory + step);
  });
  SumLanes(block, memory, dz_sums);
  SumLanes(block, memory + step, dz_x_sums);
}

void GradientsOf(const BatchNormBlock& block,
                 const BatchNormOutputGradient& output_gradient, const float* x,
                 const BatchNormNormalization& n, double* memory,
                 double* dz_sums, double* dz_x_sums) {
  ForRectified(output_gradient, [&](auto rectified) {
    GradientsOfEither<rectified.value>(block, output_gradient, x, n, memory,
                                       dz_sums, dz_x_sums);
  });
}

// Calls body(c, offset) for each vector of the block, in the order of memory:
// that is faster for what is written than chunks are.
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

template <bool add>
void NormalizeAndAddTo(const BatchNormBlock& block, bool relu, const float* x,
                       const BatchNormNormalization& n, const float* added,
                       float* HWY_RESTRICT y) {
  const Tag d;
  const Vector minimum =
      hn::Set(d, relu ? 0.0f : -std::numeric_limits<float>::infinity());
  ForEachVector(block, [&](int64_t c, int64_t i) HWY_ATTR {
    const Vector difference =
        hn::Sub(hn::Load(d, x + i), hn::Set(d, n.center[c]));
    Vector sum =
        hn::MulAdd(difference, hn::Set(d, n.factor[c]), hn::Set(d, n.shift[c]));
    if constexpr (add) sum = hn::Add(sum, hn::Load(d, added + i));
    hn::Store(hn::Max(minimum, sum), d, y + i);
  });
}

void NormalizeTo(const BatchNormBlock& block, bool relu, const float* x,
                 const BatchNormNormalization& n, const float* added,
                 float* y) {
  if (added == nullptr) {
    NormalizeAndAddTo<false>(block, relu, x, n, added, y);
  } else {
    NormalizeAndAddTo<true>(block, relu, x, n, added, y);
  }
}

void NormalizeChannelsTo(int64_t positions, int64_t channels, bool relu,
                         const float* x, const float* center,
                         const float* factor, const float* shift,
                         float* HWY_RESTRICT y) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  const Vector minimum =
      hn::Set(d, relu ? 0.0f : -std::numeric_limits<float>::infinity());
  for (int64_t c = 0; c < channels; c += lanes) {
    const Vector center_c = hn::LoadU(d, center + c);
    const Vector factor_c = hn::LoadU(d, factor + c);
    const Vector shift_c = hn::LoadU(d, shift + c);
    const int64_t room = channels - c;
    for (int64_t i = c; i < positions * channels; i += channels) {
      const Vector normalized =
          hn::MulAdd(hn::Sub(hn::LoadU(d, x + i), center_c), factor_c, shift_c);
      StoreWhereRoom(d, room, hn::Max(minimum, normalized), y + i);
    }
  }
}

template <Rectified rectified, bool input, bool added>
void NormalizeGradientOfEither(const BatchNormBlock& block,
                               const BatchNormOutputGradient& output_gradient,
                               const float* x, const BatchNormNormalization& n,
                               const BatchNormGradient& gradient,
                               float* HWY_RESTRICT dx,
                               float* HWY_RESTRICT added_gradient) {
  const Tag d;
  ForEachVector(block, [&](int64_t c, int64_t i) HWY_ATTR {
    const Vector difference =
        hn::Sub(hn::Load(d, x + i), hn::Set(d, n.center[c]));
    const Vector normalized =
        hn::MulAdd(difference, hn::Set(d, n.factor[c]), hn::Set(d, n.shift[c]));
    const Vector dz = BeforeRelu<rectified>(output_gradient, i, normalized);
    if constexpr (added) hn::Store(dz, d, added_gradient + i);
    if constexpr (!input) return;
    const Vector part = hn::MulAdd(difference, hn::Set(d, gradient.x_factor[c]),
                                   hn::Set(d, gradient.shift[c]));
    hn::Store(hn::MulAdd(dz, hn::Set(d, gradient.dz_factor[c]), part), d,
              dx + i);
  });
}

void NormalizeGradientTo(const BatchNormBlock& block,
                         const BatchNormOutputGradient& output_gradient,
                         const float* x, const BatchNormNormalization& n,
                         const BatchNormGradient& gradient, float* dx,
                         float* added_gradient) {
  ForRectified(output_gradient, [&](auto rectified) {
    if (added_gradient == nullptr) {
      NormalizeGradientOfEither<rectified.value, true, false>(
          block, output_gradient, x, n, gradient, dx, added_gradient);
    } else if (dx != nullptr) {
      NormalizeGradientOfEither<rectified.value, true, true>(
          block, output_gradient, x, n, gradient, dx, added_gradient);
    } else {
      NormalizeGradientOfEither<rectified.value, false, true>(
          block, output_gradient, x, n, gradient, dx, added_gradient);
    }
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

void SumGradients(const BatchNormBlock& block,
                  const BatchNormOutputGradient& output_gradient,
                  const float* x, const BatchNormNormalization& normalization,
                  double* memory, double* dz_sums, double* dz_x_sums) {
  HWY_DYNAMIC_DISPATCH(GradientsOf)
  (block, output_gradient, x, normalization, memory, dz_sums, dz_x_sums);
}

void Normalize(const BatchNormBlock& block, bool relu, const float* x,
               const BatchNormNormalization& normalization, const float* added,
               float* y) {
  HWY_DYNAMIC_DISPATCH(NormalizeTo)(block, relu, x, normalization, added, y);
}

void NormalizeChannels(int64_t positions, int64_t channels, bool relu,
                       const float* x, const float* center, const float* factor,
                       const float* shift, float* y) {
  HWY_DYNAMIC_DISPATCH(NormalizeChannelsTo)
  (positions, channels, relu, x, center, factor, shift, y);
}

void NormalizeGradient(const BatchNormBlock& block,
                       const BatchNormOutputGradient& output_gradient,
                       const float* x,
                       const BatchNormNormalization& normalization,
                       const BatchNormGradient& gradient, float* dx,
                       float* added_gradient) {
  HWY_DYNAMIC_DISPATCH(NormalizeGradientTo)
  (block, output_gradient, x, normalization, gradient, dx, added_gradient);
}

}  // namespace lenslet
#endif  // HWY_ONCE
