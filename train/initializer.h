// Sets the values that parameters have before training.
//
// A weight has fan_in inputs for each output and fan_out outputs for each
// input. Biases start at zero. LeCun's weights keep the variance of the values
// about the same from layer to layer. Kaiming's do so for layers followed by a
// ReLU, which halves the mean square; hence a gain of sqrt(2). Xavier's use
// both fans, as a compromise between the variances of values and of gradients.
//
// Sources: Glorot and Bengio, "Understanding the difficulty of training deep
// feedforward neural networks", 2010 (Xavier); He et al., "Delving deep into
// rectifiers: surpassing human-level performance on ImageNet classification",
// 2015 (Kaiming); LeCun et al., "Efficient BackProp", 1998 (LeCun); "Dive into
// Deep Learning", sections "Numerical stability and initialization" and
// "Parameter initialization" (the others).

#ifndef LENSLET_TRAIN_INITIALIZER_H_
#define LENSLET_TRAIN_INITIALIZER_H_

#include <cstdint>

#include "lenslet/layers/parameters.h"

namespace lenslet {

enum class InitializerKind : uint8_t {
  kXavierUniform,   // Uniform in +-sqrt(6 / (fan_in + fan_out)).
  kXavierNormal,    // Normal, std sqrt(2 / (fan_in + fan_out)).
  kKaimingUniform,  // Uniform in +-sqrt(6 / fan_in).
  kKaimingNormal,   // Normal, std sqrt(2 / fan_in).
  kLeCunUniform,    // Uniform in +-sqrt(3 / fan_in).
  kLeCunNormal,     // Normal, std sqrt(1 / fan_in).
  kUniform,         // Uniform in [-scale, scale].
  kNormal,          // Normal, mean 0, std `scale`.
  kConstant,        // `scale`.
};

struct Initializer {
  InitializerKind kind = InitializerKind::kXavierUniform;
  double scale = 0.01;  // For the last three kinds; others ignore it.
};

// Sets all parameters: weights as `initializer` says, biases and running means
// to zero, scales and running variances to one. The same seed gives the same
// values on every machine.
void InitializeParameters(const Initializer& initializer, uint64_t seed,
                          Parameters& parameters);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_INITIALIZER_H_
