// Kernels that compute a loss. loss_spec.h defines the losses; loss.h creates
// the kernels.

#ifndef LENSLET_OPS_LOSS_LOSS_KERNEL_H_
#define LENSLET_OPS_LOSS_LOSS_KERNEL_H_

#include <cstdint>

#include "lenslet/ops/loss/loss_targets.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// A loss prepared to run, for one backend, kind of target and shape of output.
// Runs on its caller's thread. Only one thread at a time may use it.
class LossKernel {
 public:
  virtual ~LossKernel() = default;

  // The memory layout of x, dx and the targets' values (tensor/lanes.h).
  virtual Layout layout() const { return Layout::kImages; }

  // Writes losses [images]. Unless dx is null, also writes dx, `scale` times
  // the gradient of the sum of the losses with respect to x. x is the network's
  // output, aligned and padded like the buffers of kernels; dx has the same
  // size. In lanes, dx of missing images is zero. If any number of an image in
  // x is NaN, its loss is NaN. Does not allocate.
  virtual void Run(int64_t images, const float* x, const LossTargets& targets,
                   float scale, float* losses, float* dx) = 0;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_KERNEL_H_
