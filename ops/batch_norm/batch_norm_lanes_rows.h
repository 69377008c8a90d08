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

// y = (x - center) * factor + shift, in all lanes, including missing images.
// With `relu`, y = max(0, that).
void Normalize(const BatchNormBlock& block, bool relu, const float* x,
               const float* center, const float* factor, const float* shift,
               float* y);

// The same of [positions][channels], without lanes. May read less than 64 bytes
// past the end of all arrays but y.
void NormalizeChannels(int64_t positions, int64_t channels, const float* x,
                       const float* center, const float* factor,
                       const float* shift, float* y);

// What the output's gradient says of dz, the gradient of what Normalize()
// computes before the rectifier.
struct BatchNormGradient {
  const float* dy;
  // Without the rectifier, null, and dz = dy. Else Normalize()'s y, and dz is
  // dy where y > 0, else 0.
  const float* y = nullptr;
};

// For each channel: the sums of dz, and of dz * (x - center).
void SumGradients(const BatchNormBlock& block, const float* x,
                  const BatchNormGradient& gradient, const float* center,
                  double* memory, double* dz_sums, double* dz_x_sums);

// dx = dz * dz_factor + (x - center) * x_factor + shift, in all lanes,
// including missing images.
void NormalizeGradient(const BatchNormBlock& block, const float* x,
                       const BatchNormGradient& gradient, const float* center,
                       const float* dz_factor, const float* x_factor,
                       const float* shift, float* dx);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_ROWS_H_
