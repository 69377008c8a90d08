// What a model says in vain: it works, but was hardly meant.

#ifndef LENSLET_MODELS_MODEL_WARNINGS_H_
#define LENSLET_MODELS_MODEL_WARNINGS_H_

#include <vector>

#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_problems.h"

namespace lenslet {

// `graph` is BuildGraph()'s of the model. Finds
//   - a bias before a batch normalization, which subtracts it again;
//   - rectifiers of what is never below 0, and dropout of nothing;
//   - linear layers in a row that one smaller one could stand for;
//   - padding in which a convolution sees nothing else.
// All are certain.
std::vector<ModelProblem> FindModelWarnings(const ModelProto& model,
                                            const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_WARNINGS_H_
