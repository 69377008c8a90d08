// Adam: gradient descent whose step, for each parameter, is the mean of its
// recent gradients divided by their root mean square:
//
//   m <- decay1 m + (1 - decay1) dw
//   v <- decay2 v + (1 - decay2) dw^2
//   w <- w - learning_rate (m / (1 - decay1^t))
//                          / (sqrt(v / (1 - decay2^t)) + epsilon)
//
// at step t = 1, 2, ... with m and v zero before the first. The divisors
// 1 - decay^t make up for these zeros. Steps are about the size of the learning
// rate, whatever the gradients' scale is.
// Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015.

#ifndef LENSLET_TRAIN_ADAM_H_
#define LENSLET_TRAIN_ADAM_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// The defaults are the paper's.
struct AdamOptions {
  double learning_rate = 0.001;  // Positive.
  double decay1 = 0.9;           // In [0, 1).
  double decay2 = 0.999;         // In [0, 1).
  double epsilon = 1e-8;         // Positive.
};

class Adam {
 public:
  // For `size` parameters. Keeps two floats for each.
  Adam(int64_t size, const AdamOptions& options);

  // A step. `gradients` are those of the batch's mean loss; there are as many
  // gradients and values as parameters, or the call aborts.
  void Update(absl::Span<const float> gradients, absl::Span<float> values);

 private:
  const AdamOptions options_;
  // decay^t.
  double decay1_power_ = 1;
  double decay2_power_ = 1;
  std::vector<float> m_;
  std::vector<float> v_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_ADAM_H_
