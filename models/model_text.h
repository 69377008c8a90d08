// A model as text: models/model.proto in protobuf's text format.

#ifndef LENSLET_MODELS_MODEL_TEXT_H_
#define LENSLET_MODELS_MODEL_TEXT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/text_format.h"
#include "models/model.pb.h"

namespace lenslet {

// A model, and where its text has each field.
struct ModelText {
  ModelProto model;
  // Of the text, for messages.
  std::string file_name;
  // Null for a model that was not parsed.
  std::unique_ptr<const google::protobuf::TextFormat::ParseInfoTree> locations =
      nullptr;
};

// The longest text that is read.
inline constexpr int64_t kMaxModelTextBytes = int64_t{4} << 20;

// Checks that the text has the form of a model; BuildGraph() checks what it
// says. Errors: InvalidArgument, "FILE_NAME:LINE:COLUMN: reason", of which line
// and column start at 1 and a tab goes on to the next multiple of 8 columns.
absl::StatusOr<ModelText> ParseModelText(absl::string_view text,
                                         absl::string_view file_name);

// Returns a text that ParseModelText() makes the same model of. Comments of a
// text that the model came from are gone.
std::string ModelToText(const ModelProto& model);

// A step from a message into one of its fields.
struct FieldStep {
  int number;
  // The entry of a repeated field.
  int index = -1;
};

// Returns "FILE_NAME:LINE:COLUMN" of the last field on a path from the model
// that the text has; "FILE_NAME" if it has none. An entry of a list in brackets
// is where the list is.
std::string PlaceOf(const ModelText& text, absl::Span<const FieldStep> path);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_TEXT_H_
