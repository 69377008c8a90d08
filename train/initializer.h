// The values that parameters have before training.
//
// A weight w has fan_in inputs for each output and fan_out outputs for each
// input; biases start at zero. Source: Glorot and Bengio, "Understanding the
// difficulty of training deep feedforward neural networks", 2010 (Xavier);
// "Dive into Deep Learning", sections "Numerical stability and initialization"
// and "Parameter initialization" (the others).

#ifndef LENSLET_TRAIN_INITIALIZER_H_
#define LENSLET_TRAIN_INITIALIZER_H_

#include <cstdint>

#include "layers/parameters.h"

namespace lenslet {

enum class InitializerKind : uint8_t {
  kXavierUniform,  // Uniform in +-sqrt(6 / (fan_in + fan_out)).
  kXavierNormal,   // Normal, deviation sqrt(2 / (fan_in + fan_out)).
  kUniform,        // Uniform in [-scale, scale].
  kNormal,         // Normal, mean 0, deviation `scale`.
  kConstant,       // `scale`.
};

struct Initializer {
  InitializerKind kind = InitializerKind::kXavierUniform;
  double scale = 0.01;  // The two Xaviers do not look at it.
};

// Sets all parameters: weights by `initializer`, biases and running means to
// zero, scales and running variances to one. The same seed
// gives the same values on every machine.
void InitializeParameters(const Initializer& initializer, uint64_t seed,
                          Parameters& parameters);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_INITIALIZER_H_
