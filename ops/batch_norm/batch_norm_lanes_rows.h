// The inner loops of batch normalization, with vectors of the CPU's width: over
// a block in lanes, and for NormalizeChannels() over images. The caller owns
// all arrays. Float arrays other than x, y, dx and dy have one number for each
// channel. Sums skip missing images.

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_ROWS_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_ROWS_H_

#include <cstdint>

namespace lenslet {

// [groups][positions][channels][16]
struct BatchNormBlock {
  int64_t images;
  int64_t positions;
  int64_t channels;
};

// The size of `memory` in the sums below, in doubles.
int64_t BatchNormSumMemory(const BatchNormBlock& block);

// For each channel: the sum of x - center.
void SumDifferences(const BatchNormBlock& block, const float* x,
                    const float* center, double* memory, double* sums);

// For each channel: the sum of (x - center)^2.
void SumSquares(const BatchNormBlock& block, const float* x,
                const float* center, double* memory, double* sums);

// For each channel, the numbers of y = (x - center) * factor + shift.
struct BatchNormNormalization {
  const float* center;
  const float* factor;
  const float* shift;
};

// Computes y in all lanes, including missing images. If `added` is not null, y
// + added. With `relu`, the larger of 0 and that.
void Normalize(const BatchNormBlock& block, bool relu, const float* x,
               const BatchNormNormalization& normalization, const float* added,
               float* y);

// The same of [positions][channels], without lanes. May read less than 64 bytes
// past the end of all arrays but y.
void NormalizeChannels(int64_t positions, int64_t channels, bool relu,
                       const float* x, const float* center, const float* factor,
                       const float* shift, float* y);

// The gradient w.r.t. Normalize()'s result before the rectifier, below dz: dy,
// or with `relu`, dy where that result is positive, else 0. Without `y`, the
// result is computed again from x: reading it would take longer. If an array
// was added, `y` must be Normalize()'s result.
struct BatchNormOutputGradient {
  const float* dy;
  bool relu = false;
  const float* y = nullptr;
};

// For each channel: the sums of dz, and of dz * (x - center).
void SumGradients(const BatchNormBlock& block,
                  const BatchNormOutputGradient& output_gradient,
                  const float* x, const BatchNormNormalization& normalization,
                  double* memory, double* dz_sums, double* dz_x_sums);

// For each channel, the numbers of dx = dz * dz_factor + (x - center) *
// x_factor + shift.
struct BatchNormGradient {
  const float* dz_factor;
  const float* x_factor;
  const float* shift;
};

// Computes dx in all lanes, including missing images, and copies dz to
// `added_gradient`. Either may be null.
void NormalizeGradient(const BatchNormBlock& block,
                       const BatchNormOutputGradient& output_gradient,
                       const float* x,
                       const BatchNormNormalization& normalization,
                       const BatchNormGradient& gradient, float* dx,
                       float* added_gradient);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_ROWS_H_
