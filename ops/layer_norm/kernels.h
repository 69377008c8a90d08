// The kernels of layer normalization. MakeLayerNormKernel() (layer_norm.h)
// chooses among them. One input; parameters scale and bias, with a number for
// each feature.

#ifndef LENSLET_OPS_LAYER_NORM_KERNELS_H_
#define LENSLET_OPS_LAYER_NORM_KERNELS_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/kernel.h"

namespace lenslet {

// An image as a matrix whose rows are normalized.
struct LayerNormRows {
  int64_t rows = 1;
  int64_t features = 1;
  double epsilon = 1e-5;
};

// The definition of layer normalization. Sums in double.
std::unique_ptr<Kernel> MakeLayerNormReferenceKernel(const LayerNormRows& rows);

// Layer normalization with the images of a block in lanes. Sums in double.
std::unique_ptr<Kernel> MakeLayerNormLanesKernel(const LayerNormRows& rows);

// Layer normalization of images one after the other, for inference. No
// Backward(). Sums in double.
std::unique_ptr<Kernel> MakeLayerNormDirectKernel(const LayerNormRows& rows);

}  // namespace lenslet

#endif  // LENSLET_OPS_LAYER_NORM_KERNELS_H_
