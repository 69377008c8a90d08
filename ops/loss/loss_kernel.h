// What computes a classifier's loss on a backend. loss_spec.h has what each
// loss is, loss.h makes the kernels.

#ifndef LENSLET_OPS_LOSS_LOSS_KERNEL_H_
#define LENSLET_OPS_LOSS_LOSS_KERNEL_H_

#include <cstdint>

#include "lenslet/tensor/lanes.h"

namespace lenslet {

// A loss made ready to run for one backend and number of classes. Uses one
// thread, one at a time.
class LossKernel {
 public:
  virtual ~LossKernel() = default;

  // How x and dx lie in memory (tensor/lanes.h).
  virtual Layout layout() const { return Layout::kImages; }

  // Writes losses [images] and, unless it is null, dx, the gradient of the
  // losses' sum times `scale`, from x; of x and dx, an image has [classes].
  // Labels are in [0, classes). x is aligned and padded as the arrays of
  // kernels are. In lanes, dx of missing images is zero. A NaN among an image's
  // scores makes its loss a NaN. Allocates nothing.
  virtual void Run(int64_t images, const float* x, const int32_t* labels,
                   float scale, float* losses, float* dx) = 0;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_KERNEL_H_
