// Minibatch stochastic gradient descent: w <- w - learning_rate * dw.
// Source: "Dive into Deep Learning", section "Minibatch stochastic gradient
// descent".

#ifndef LENSLET_TRAIN_SGD_H_
#define LENSLET_TRAIN_SGD_H_

#include "absl/types/span.h"

namespace lenslet {

class Sgd {
 public:
  explicit Sgd(double learning_rate)
      : learning_rate_(static_cast<float>(learning_rate)) {}

  // `gradients` are those of the batch's mean loss, as many as `values`.
  // Different parts of the parameters may be updated on different threads.
  void Update(absl::Span<const float> gradients,
              absl::Span<float> values) const {
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] -= learning_rate_ * gradients[i];
    }
  }

 private:
  float learning_rate_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_SGD_H_
