// Makes a graph of a model file.

#ifndef LENSLET_MODELS_BUILD_GRAPH_H_
#define LENSLET_MODELS_BUILD_GRAPH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_text.h"

namespace lenslet {

// Checks all that models/model.proto demands, whatever the model holds, and
// that its shapes fit together. Allocates nothing for parameters or images,
// which may be larger than the machine. Errors: InvalidArgument, naming the
// layer or input and the values:
//   layer "conv2": input has 6 channels, filter expects 3
absl::StatusOr<Graph> BuildGraph(const ModelProto& model);

// The same, with the place in front of errors:
//   models/lenet.textproto:12:1: layer "conv2": input has ...
absl::StatusOr<Graph> BuildGraph(const ModelText& text);

// The same, setting `place` after an error to the path to the field that it is
// about.
absl::StatusOr<Graph> BuildGraph(const ModelProto& model,
                                 std::vector<FieldStep>& place);

}  // namespace lenslet

#endif  // LENSLET_MODELS_BUILD_GRAPH_H_
