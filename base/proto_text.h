// Messages in protobuf's text format that people write: where a text has each
// field, and what is wrong with it in words for them.

#ifndef LENSLET_BASE_PROTO_TEXT_H_
#define LENSLET_BASE_PROTO_TEXT_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace lenslet {

// Where a text has each field of the message that it says.
struct TextLocations {
  // Of the text, for messages.
  std::string file_name;
  // Null for a message that was not parsed.
  std::unique_ptr<const google::protobuf::TextFormat::ParseInfoTree> tree =
      nullptr;
};

// A place in a text: line and column start at 1, and a tab goes on to the next
// multiple of 8 columns. 0: nowhere in particular.
struct TextPlace {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const TextPlace& a, const TextPlace& b) = default;
};

// "FILE_NAME:LINE:COLUMN", "FILE_NAME" for nowhere.
std::string ToString(absl::string_view file_name, const TextPlace& place);

// What is wrong with a text.
struct TextProblem {
  TextPlace place = {};
  std::string message;
  // Whether it works all the same.
  bool is_warning = false;
};

// The longest text that is read.
inline constexpr int64_t kMaxProtoTextBytes = int64_t{4} << 20;

// Puts what the text says into `message`, which loses what it had. Errors:
// InvalidArgument, "FILE_NAME:LINE:COLUMN: reason". A message type LayerProto
// with a oneof `kind` is spoken of as a layer that has a kind. An empty message
// is no error.
absl::Status ParseProtoText(absl::string_view text, absl::string_view file_name,
                            google::protobuf::Message& message,
                            TextLocations& locations);

// The same, returning the first problem if there is one.
// base/proto_text_problems.h finds them all.
std::optional<TextProblem> ParseOrFindProblem(
    absl::string_view text, absl::string_view file_name,
    google::protobuf::Message& message, TextLocations& locations);

// Returns a text that ParseProtoText() makes the same message of. Comments of a
// text that the message came from are gone.
std::string ProtoToText(const google::protobuf::Message& message);

// A step from a message into one of its fields.
struct FieldStep {
  int number;
  // The entry of a repeated field.
  int index = -1;
};

// Returns the place of the last field on a path from `message`
// that the text has; nowhere if it has none. An entry of a list in brackets
// is where the list is, and a list as a whole where its first entry is.
TextPlace FindPlace(const google::protobuf::Message& message,
                    const TextLocations& locations,
                    absl::Span<const FieldStep> path);

// The same as text, "FILE_NAME:LINE:COLUMN".
std::string PlaceOf(const google::protobuf::Message& message,
                    const TextLocations& locations,
                    absl::Span<const FieldStep> path);

}  // namespace lenslet

#endif  // LENSLET_BASE_PROTO_TEXT_H_
