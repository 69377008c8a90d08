// A model as text: models/model.proto in protobuf's text format.

#ifndef LENSLET_MODELS_MODEL_TEXT_H_
#define LENSLET_MODELS_MODEL_TEXT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {

// A model, and the position of each field in its text.
struct ModelText {
  ModelProto model;
  TextLocations locations;
};

// The error for a text without any field.
inline constexpr absl::string_view kNoModelInText =
    "there is no model; expected input { ... } and layer { ... }, got nothing "
    "but white space and comments";

// Parses a model. Checks only the syntax; BuildGraph() checks the content.
// Errors: as ParseProtoText() (base/proto_text.h); InvalidArgument for a text
// without any field.
absl::StatusOr<ModelText> ParseModelText(absl::string_view text,
                                         absl::string_view file_name);

// As BuildGraph() of a model (models/build_graph.h), but errors start with the
// position in the text:
//   models/lenet.textproto:12:1: layer "conv2": input has ...
absl::StatusOr<Graph> BuildGraph(const ModelText& text);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_TEXT_H_
