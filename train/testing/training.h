// What tests of the trainer share.

#ifndef LENSLET_TRAIN_TESTING_TRAINING_H_
#define LENSLET_TRAIN_TESTING_TRAINING_H_

#include <vector>

#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/metrics.h"

namespace lenslet {

inline Parameters InitialParameters(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  InitializeParameters(Initializer(), /*seed=*/1, parameters);
  return parameters;
}

inline std::vector<float> ValuesOf(const Parameters& parameters) {
  return {parameters.array().begin(), parameters.array().end()};
}

inline void IgnoreStep(const Metrics&) {}

}  // namespace lenslet

#endif  // LENSLET_TRAIN_TESTING_TRAINING_H_
