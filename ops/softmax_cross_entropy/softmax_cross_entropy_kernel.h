// What runs softmax with cross-entropy on a backend. What it computes stands in
// softmax_cross_entropy_spec.h.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_KERNEL_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_KERNEL_H_

#include <cstdint>

#include "tensor/lanes.h"

namespace lenslet {

// A loss made ready to run for one backend and number of classes. Uses one
// thread, one at a time.
class SoftmaxCrossEntropy {
 public:
  virtual ~SoftmaxCrossEntropy() = default;

  // How x and dx lie in memory (tensor/lanes.h).
  virtual Layout layout() const { return Layout::kImages; }

  // Writes losses [images] and, unless it is null, dx, from x; of both, an
  // image has [classes]. Labels are in [0, classes). x is aligned and padded as
  // the arrays of kernels are. Allocates nothing.
  virtual void Run(int64_t images, const float* x, const int32_t* labels,
                   float scale, float* losses, float* dx) = 0;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_KERNEL_H_
