// A model as text: models/model.proto in protobuf's text format.

#ifndef LENSLET_MODELS_MODEL_TEXT_H_
#define LENSLET_MODELS_MODEL_TEXT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {

// A model, and where its text has each field.
struct ModelText {
  ModelProto model;
  TextLocations locations;
};

// What is wrong with a text that says nothing.
inline constexpr absl::string_view kNoModelInText =
    "there is no model; expected input { ... } and layer { ... }, got nothing "
    "but white space and comments";

// Checks that the text has the form of a model; BuildGraph() checks what it
// says. Errors: ParseProtoText()'s (base/proto_text.h); InvalidArgument for a
// text that says nothing.
absl::StatusOr<ModelText> ParseModelText(absl::string_view text,
                                         absl::string_view file_name);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_TEXT_H_
