// The kernels of local response normalization. MakeLrnKernel() (lrn.h) chooses
// among them. One input of `positions` positions of `channels` channels, no
// parameters.

#ifndef LENSLET_OPS_LRN_KERNELS_H_
#define LENSLET_OPS_LRN_KERNELS_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/lrn/lrn.h"

namespace lenslet {

struct LrnGeometry {
  LrnSpec spec;
  int64_t positions = 1;
  int64_t channels = 1;
};

// The definition of local response normalization. Sums in double.
std::unique_ptr<Kernel> MakeLrnReferenceKernel(const LrnGeometry& geometry);

// Local response normalization with the images of a block in lanes.
std::unique_ptr<Kernel> MakeLrnLanesKernel(const LrnGeometry& geometry);

// Local response normalization of images one after the other, for inference. No
// Backward().
std::unique_ptr<Kernel> MakeLrnDirectKernel(const LrnGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_LRN_KERNELS_H_
