// The update rules of gradient descent: how a step changes parameters w, given
// the gradient dw of the batch's mean loss and the learning rate. For each
// parameter on its own, with state u, m, s and v that is 0 before step t = 1:
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
//   AdamW       as Adam, and from w, as it was before the step, is also
//               subtracted learning_rate weight_decay w
//
// For all but AdamW, weight decay is a term of the loss, weight_decay / 2 w^2:
// dw above stands for dw + weight_decay w. Adam would divide this term by the
// gradient's size, like all others, which AdamW avoids.
//
// Momentum is PyTorch's, where the learning rate is no part of u. Nesterov's
// w are the points that the method looks ahead to, where it takes gradients:
// for a constant learning rate they are theta + momentum velocity of Sutskever
// et al. Adam's divisors 1 - beta^t make up for m and v starting at 0.
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

// Fields that a kind's formulas do not mention do nothing, but are checked.
// rms_decay, beta1, beta2 and Adam's epsilon are those that their sources
// propose.
struct OptimizerSpec {
  OptimizerKind kind = OptimizerKind::kSgd;
  double momentum = 0.9;    // In [0, 1). Momentum, Nesterov.
  double rms_decay = 0.9;   // In [0, 1). RMSprop.
  double beta1 = 0.9;       // In [0, 1). Adam, AdamW.
  double beta2 = 0.999;     // In [0, 1). Adam, AdamW.
  double epsilon = 1e-8;    // Positive. Adagrad, RMSprop, Adam, AdamW.
  double weight_decay = 0;  // Not negative. All.
};

// Errors: InvalidArgument for a field out of its range, naming it and its
// value.
absl::Status CheckOptimizer(const OptimizerSpec& spec);

inline constexpr int kMaxStateArrays = 2;

// How many arrays of the parameters' size an optimizer's state is: 0 to
// kMaxStateArrays.
int StateArrays(OptimizerKind kind);

// Changes `values` by step number `step`, from 1. There are as many gradients
// as values, and StateArrays() arrays of state, each of the same size, which
// are 0 before the first step and belong to these values from then on; or the
// call aborts. `spec` is one that CheckOptimizer() accepts, `learning_rate` is
// not negative; 0 changes the state alone.
//
// The parts of an array may be updated by different calls, on different
// threads: results are the same to the last bit.
void UpdateValues(const OptimizerSpec& spec, double learning_rate, int64_t step,
                  absl::Span<const float> gradients,
                  absl::Span<const absl::Span<float>> state,
                  absl::Span<float> values);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_OPTIMIZER_H_
