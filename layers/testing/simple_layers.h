// Layers of few words, for the graphs that tests build.

#ifndef LENSLET_LAYERS_TESTING_SIMPLE_LAYERS_H_
#define LENSLET_LAYERS_TESTING_SIMPLE_LAYERS_H_

#include <cstdint>

#include "lenslet/layers/layer.h"
#include "lenslet/layers/layers.h"

namespace lenslet {

inline Layer Conv(const ConvSpec& options) { return layers::Conv2d(options); }
inline Layer Linear(int64_t output_features) {
  return layers::Linear({.output_features = output_features});
}
inline Layer Tanh() { return layers::Tanh(); }
inline Layer Flatten() { return layers::Flatten(); }
inline Layer Add() { return layers::Add(); }

}  // namespace lenslet

#endif  // LENSLET_LAYERS_TESTING_SIMPLE_LAYERS_H_
