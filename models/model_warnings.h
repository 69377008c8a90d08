// Warns about parts of a model that are valid but probably unintended.

#ifndef LENSLET_MODELS_MODEL_WARNINGS_H_
#define LENSLET_MODELS_MODEL_WARNINGS_H_

#include <vector>

#include "lenslet/base/proto_text.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {

// Returns the warnings about a model. `graph` is the model's graph. Finds
//   - a bias before a batch normalization, which subtracts it again;
//   - a rectifier of numbers that are never below 0;
//   - dropout with rate 0;
//   - consecutive linear layers that one linear layer with fewer parameters can
//     replace;
//   - padding so large that a convolution sees only padding at the edge;
//   - a classifier without a flatten layer (layers/flatten_hint.h).
// There are no false alarms, except that the last one takes any model that ends
// in a linear layer for a classifier.
std::vector<FieldProblem> FindModelWarnings(const ModelProto& model,
                                            const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_WARNINGS_H_
