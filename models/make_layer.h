// Translates a layer of a model file into a Layer.

#ifndef LENSLET_MODELS_MAKE_LAYER_H_
#define LENSLET_MODELS_MAKE_LAYER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/layers/layer.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_text.h"

namespace lenslet {

// `place` is the path to the layer's field in the model; after an error, to the
// field that is wrong. Errors: InvalidArgument for a layer without a kind, and
// for windows with missing or too many sizes. Layer::Infer() finds all other
// errors.
absl::StatusOr<Layer> MakeLayer(const LayerProto& layer,
                                std::vector<FieldStep>& place);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MAKE_LAYER_H_
