// The loops of batch normalization over the numbers of a block in lanes, in
// vectors of the width that the CPU has. All arrays of floats with a number for
// each channel are the caller's; sums are over images that are there.

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

// Doubles in the memory that sums are made in.
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

// y = (x - center) * factor + shift, in all lanes.
void Normalize(const BatchNormBlock& block, const float* x, const float* center,
               const float* factor, const float* shift, float* y);

// dx = dy * dy_factor + (x - center) * x_factor + shift, in all lanes.
void NormalizeGradient(const BatchNormBlock& block, const float* x,
                       const float* dy, const float* center,
                       const float* dy_factor, const float* x_factor,
                       const float* shift, float* dx);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_ROWS_H_
