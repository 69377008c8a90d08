// The update rules of gradient descent. A step changes each parameter w
// independently, given the gradient dw of the batch's mean loss and the
// learning rate. The state u, m, s and v is 0 before step t = 1:
//
//   SGD         w <- w - learning_rate dw
//
//   momentum    u <- momentum u + dw
//               w <- w - learning_rate u
//
//   Nesterov    u <- momentum u + dw
//               w <- w - learning_rate (dw + momentum u)
//
//   Adagrad     s <- s + dw^2
//               w <- w - learning_rate dw / (sqrt(s) + epsilon)
//
//   RMSprop     s <- rms_decay s + (1 - rms_decay) dw^2
//               w <- w - learning_rate dw / (sqrt(s) + epsilon)
//
//   Adam        m <- beta1 m + (1 - beta1) dw
//               v <- beta2 v + (1 - beta2) dw^2
//               w <- w - learning_rate (m / (1 - beta1^t))
//                                      / (sqrt(v / (1 - beta2^t)) + epsilon)
//
//   AdamW       as Adam, and also subtracts learning_rate weight_decay w
//               for the w before the step
//
// For all kinds but AdamW, weight decay adds the term weight_decay / 2 w^2 to
// the loss: dw above stands for dw + weight_decay w. Adam divides this term,
// too, by the size of the gradient; AdamW avoids that.
//
// Momentum follows PyTorch: u does not include the learning rate. Nesterov's w
// is the look-ahead point, where the gradient is taken. For a constant learning
// rate, it equals theta + mu v in Sutskever et al., where mu is the momentum
// and v the velocity. Adam's divisors 1 - beta^t correct the bias of m and v,
// which start at 0.
//
// Sources: Polyak, "Some methods of speeding up the convergence of iteration
// methods", 1964, and PyTorch's torch.optim.SGD (momentum); Sutskever et al.,
// "On the importance of initialization and momentum in deep learning", 2013
// (Nesterov); Duchi, Hazan and Singer, "Adaptive subgradient methods for online
// learning and stochastic optimization", 2011 (Adagrad); Tieleman and Hinton,
// "Lecture 6.5: RMSprop", Coursera, 2012; Kingma and Ba, "Adam: a method for
// stochastic optimization", 2015; Loshchilov and Hutter, "Decoupled weight
// decay regularization", 2019 (AdamW), with the learning rate as a factor of
// the decay, as in PyTorch's torch.optim.AdamW.

#ifndef LENSLET_TRAIN_OPTIMIZER_H_
#define LENSLET_TRAIN_OPTIMIZER_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace lenslet {

enum class OptimizerKind {
  kSgd,
  kMomentum,
  kNesterov,
  kAdagrad,
  kRmsprop,
  kAdam,
  kAdamW
};

// Fields that do not occur in a kind's formulas have no effect, but are
// checked. The defaults of rms_decay, beta1, beta2 and, for Adam, epsilon are
// those of the sources.
struct OptimizerSpec {
  OptimizerKind kind = OptimizerKind::kSgd;
  double momentum = 0.9;    // In [0, 1). Momentum, Nesterov.
  double rms_decay = 0.9;   // In [0, 1). RMSprop.
  double beta1 = 0.9;       // In [0, 1). Adam, AdamW.
  double beta2 = 0.999;     // In [0, 1). Adam, AdamW.
  double epsilon = 1e-8;    // Positive. Adagrad, RMSprop, Adam, AdamW.
  double weight_decay = 0;  // Not negative. All.

  friend bool operator==(const OptimizerSpec&, const OptimizerSpec&) = default;
};

// Errors: InvalidArgument for a field out of its range, naming it and its
// value.
absl::Status CheckOptimizer(const OptimizerSpec& spec);

// The factor of the past in the optimizer's mean of gradients: momentum, or
// Adam's beta1. Absent for kinds without one.
std::optional<double> MomentumOf(const OptimizerSpec& spec);
// The same optimizer with another one. Aborts for kinds without one.
OptimizerSpec WithMomentum(OptimizerSpec spec, double momentum);

inline constexpr int kMaxStateArrays = 2;

// The number of arrays in an optimizer's state, each as large as the
// parameters: 0 to kMaxStateArrays.
int StateArrays(OptimizerKind kind);

// Applies step number `step`, counted from 1, to `values`. Takes StateArrays()
// arrays of state. These must be 0 before the first step and belong to the same
// values from then on. `spec` must pass CheckOptimizer(). `learning_rate` must
// not be negative; 0 changes only the state. Aborts unless `gradients` and each
// array of state have the size of `values`.
//
// An array may be split among several calls, on different threads. The results
// are bit-identical.
void UpdateValues(const OptimizerSpec& spec, double learning_rate, int64_t step,
                  absl::Span<const float> gradients,
                  absl::Span<const absl::Span<float>> state,
                  absl::Span<float> values);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_OPTIMIZER_H_
