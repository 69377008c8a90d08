// From a layer of a model file to the layer that it stands for.

#ifndef LENSLET_MODELS_MAKE_LAYER_H_
#define LENSLET_MODELS_MAKE_LAYER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/layers/layer.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_text.h"

namespace lenslet {

// `place` is the path to the layer's field in the model; after an error, to the
// field that it is about. Errors: InvalidArgument for a layer without a type,
// and for windows that do not say what they are. What else is wrong, the layer
// says when it meets its inputs.
absl::StatusOr<std::shared_ptr<const Layer>> MakeLayer(
    const LayerProto& layer, std::vector<FieldStep>& place);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MAKE_LAYER_H_
