// Kernels that compute a classifier's loss. loss_spec.h defines the losses;
// loss.h creates the kernels.

#ifndef LENSLET_OPS_LOSS_LOSS_KERNEL_H_
#define LENSLET_OPS_LOSS_LOSS_KERNEL_H_

#include <cstdint>

#include "lenslet/tensor/lanes.h"

namespace lenslet {

// A loss prepared to run, for one backend and number of classes. Runs on its
// caller's thread. Only one thread at a time may use it.
class LossKernel {
 public:
  virtual ~LossKernel() = default;

  // The memory layout of x and dx (tensor/lanes.h).
  virtual Layout layout() const { return Layout::kImages; }

  // Writes losses [images]. Unless dx is null, also writes dx, `scale` times
  // the gradient of the sum of the losses with respect to x. Each image has
  // [classes] numbers in x and in dx. Labels are in [0, classes). x is aligned
  // and padded like the buffers of kernels. In lanes, dx of missing images is
  // zero. If any of an image's scores is NaN, its loss is NaN. Does not
  // allocate.
  virtual void Run(int64_t images, const float* x, const int32_t* labels,
                   float scale, float* losses, float* dx) = 0;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_KERNEL_H_
