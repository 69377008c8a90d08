// All that is wrong with what a model says, not only the first of it.

#ifndef LENSLET_MODELS_MODEL_PROBLEMS_H_
#define LENSLET_MODELS_MODEL_PROBLEMS_H_

#include <string>
#include <vector>

#include "lenslet/base/proto_text.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {

struct ModelProblem {
  // To the field that it is about; empty for the model as a whole.
  std::vector<FieldStep> path;
  // Names the layer or input and the values, as BuildGraph()'s errors do.
  std::string message;
};

// Parts of a model that are known to lack something, as indices; nothing is
// said about these themselves.
struct ModelGaps {
  std::vector<int> inputs;
  std::vector<int> layers;
  bool elsewhere = false;

  bool empty() const { return inputs.empty() && layers.empty() && !elsewhere; }
};

// Returns none for a model that BuildGraph() (models/build_graph.h) accepts,
// and at least one for every other that has no gaps. Layers whose inputs come
// from a wrong layer are looked at by themselves: only what would be wrong for
// any input is said about them.
std::vector<ModelProblem> FindModelProblems(const ModelProto& model,
                                            const ModelGaps& gaps = {});

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_PROBLEMS_H_
