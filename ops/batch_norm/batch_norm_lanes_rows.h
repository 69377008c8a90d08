// The inner loops of batch normalization over a block in lanes, with vectors of
// the CPU's width. The caller owns all arrays. Float arrays other than x, y, dx
// and dy have one number for each channel. Sums skip missing images.

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

// For each channel: the sums of dy, and of dy * (x - center).
void SumGradients(const BatchNormBlock& block, const float* x, const float* dy,
                  const float* center, double* memory, double* dy_sums,
                  double* dy_x_sums);

// y = (x - center) * factor + shift, in all lanes, including missing images.
void Normalize(const BatchNormBlock& block, const float* x, const float* center,
               const float* factor, const float* shift, float* y);

// dx = dy * dy_factor + (x - center) * x_factor + shift, in all lanes,
// including missing images.
void NormalizeGradient(const BatchNormBlock& block, const float* x,
                       const float* dy, const float* center,
                       const float* dy_factor, const float* x_factor,
                       const float* shift, float* dx);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_ROWS_H_
