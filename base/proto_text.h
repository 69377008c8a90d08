// Parses protobuf text that people write. Reports where the text sets each
// field, and describes errors in plain words.

#ifndef LENSLET_BASE_PROTO_TEXT_H_
#define LENSLET_BASE_PROTO_TEXT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "lenslet/base/field_problem.h"
#include "lenslet/base/text_places.h"

namespace lenslet {

// Where a text sets each field of the message.
struct TextLocations {
  // The file name to use in messages.
  std::string file_name;
  // Null for a message that was not parsed.
  std::unique_ptr<const google::protobuf::TextFormat::ParseInfoTree> tree =
      nullptr;
};

// "FILE_NAME:LINE:COLUMN", or "FILE_NAME" if the place is unknown.
std::string ToString(absl::string_view file_name, const TextPlace& place);

// An error, a warning or a note about a text.
struct TextProblem {
  TextPlace place = {};
  std::string message;
  // Whether the text is valid all the same.
  bool is_warning = false;
  // Whether a warning is a note: it may well be no mistake.
  bool is_note = false;
};

// The maximum size of a text.
inline constexpr int64_t kMaxProtoTextBytes = int64_t{4} << 20;

// The text without a byte order mark at its start, which has no column.
absl::string_view WithoutByteOrderMark(absl::string_view text);

// Parses the text into `message`, replacing its contents. An empty text is
// valid, and so is a byte order mark at the start. Errors: InvalidArgument,
// "FILE_NAME:LINE:COLUMN: reason". Errors refer to the members of a
// LayerProto's oneof `kind` as layer kinds.
absl::Status ParseProtoText(absl::string_view text, absl::string_view file_name,
                            google::protobuf::Message& message,
                            TextLocations& locations);

// As ParseProtoText(), but returns the first problem, if any.
// base/proto_text_problems.h finds all problems.
std::optional<TextProblem> ParseOrFindProblem(
    absl::string_view text, absl::string_view file_name,
    google::protobuf::Message& message, TextLocations& locations);

// Returns a text that ParseProtoText() parses back to the same message.
// Comments of the original text are lost.
std::string ProtoToText(const google::protobuf::Message& message);

// Follows `path` from `message` and returns the place of the last field that
// the text sets; an unknown place if there is none. An entry of a bracketed
// list has the place of the list. A list as a whole has the place of its first
// entry.
TextPlace FindPlace(const google::protobuf::Message& message,
                    const TextLocations& locations,
                    absl::Span<const FieldStep> path);

// Returns FindPlace() as text, "FILE_NAME:LINE:COLUMN".
std::string PlaceOf(const google::protobuf::Message& message,
                    const TextLocations& locations,
                    absl::Span<const FieldStep> path);

}  // namespace lenslet

#endif  // LENSLET_BASE_PROTO_TEXT_H_
