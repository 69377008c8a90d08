// Softmax with cross-entropy: the loss of a classifier, in one stable step.
//
//   p[n, k]   = exp(x[n, k] - m[n]) / s[n]
//   m[n]      = max over k of x[n, k]
//   s[n]      = sum over k of exp(x[n, k] - m[n])
//   loss[n]   = -log p[n, label[n]] = log s[n] + m[n] - x[n, label[n]]
//   dx[n, k]  = scale * (p[n, k] - (k == label[n] ? 1 : 0))
//
// No exponential overflows, and no logarithm is taken of a probability that has
// vanished. Shapes: x and dx [N, classes], labels and losses [N]. Source: "Dive
// into Deep Learning", sections "Softmax regression" and its implementations.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_KERNEL_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_KERNEL_H_

#include <cstdint>

namespace lenslet {

// A loss made ready to run for one backend and number of classes. Uses one
// thread, one at a time.
class SoftmaxCrossEntropy {
 public:
  virtual ~SoftmaxCrossEntropy() = default;

  // Writes losses [images] and, unless it is null, dx [images, classes].
  // Labels are in [0, classes). Arrays are aligned and padded as those of
  // kernels are. Allocates nothing.
  virtual void Run(int64_t images, const float* x, const int32_t* labels,
                   float scale, float* losses, float* dx) = 0;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_KERNEL_H_
