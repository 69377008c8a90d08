// All that is wrong with the form of a message's text, not only the first of
// it. What is wrong is taken out of the text, or put right where it is a
// mistyped name, and the rest is read again.

#ifndef LENSLET_BASE_PROTO_TEXT_PROBLEMS_H_
#define LENSLET_BASE_PROTO_TEXT_PROBLEMS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "lenslet/base/proto_text.h"

namespace lenslet {

// As many are looked for.
inline constexpr int kMaxTextProblems = 100;

// What is left of a text.
struct MendedText {
  // In the order of their places.
  std::vector<TextProblem> problems;
  // The places of those for which something was taken out: what it said is
  // missing from the message.
  std::vector<TextPlace> gaps;
  // Whether the message has the rest of the text; otherwise there were too many
  // problems, or one that nothing could be done about.
  bool complete = false;

  // Where the text that was read in the end has the message's fields.
  TextLocations locations;
  // That text, and for each of its bytes, and its end, the offset in the text
  // as it was.
  std::string text;
  std::vector<size_t> origin;
};

// Puts what can be understood of the text into `message`.
MendedText ParseAndFindProblems(absl::string_view text,
                                absl::string_view file_name,
                                google::protobuf::Message& message);

// As FindPlace() (base/proto_text.h), in the text as it was, which is
// `original`.
TextPlace FindPlace(const google::protobuf::Message& message,
                    const MendedText& mended, absl::string_view original,
                    absl::Span<const FieldStep> path);

}  // namespace lenslet

#endif  // LENSLET_BASE_PROTO_TEXT_PROBLEMS_H_
