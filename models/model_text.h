// A model as text: models/model.proto in protobuf's text format.

#ifndef LENSLET_MODELS_MODEL_TEXT_H_
#define LENSLET_MODELS_MODEL_TEXT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"
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

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_TEXT_H_
