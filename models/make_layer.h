// Translates a layer of a model file into a Layer.

#ifndef LENSLET_MODELS_MAKE_LAYER_H_
#define LENSLET_MODELS_MAKE_LAYER_H_

#include <optional>
#include <vector>

#include "lenslet/base/field_problem.h"
#include "lenslet/layers/layer.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {

// Returns the layer, if it has no problems. Otherwise appends them to
// `problems`, with paths that start from the layer: a missing kind, fields that
// break their rules (models/model.proto), and fields that do not fit together.
// Layer::Infer() finds problems that depend on the shapes of inputs.
std::optional<Layer> MakeLayer(const LayerProto& layer,
                               std::vector<FieldProblem>& problems);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MAKE_LAYER_H_
