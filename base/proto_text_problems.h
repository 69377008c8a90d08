// Reports every syntax error in a text proto, not just the first. After each
// error, the parser blanks the faulty field, or corrects a mistyped name, and
// parses the text again.

#ifndef LENSLET_BASE_PROTO_TEXT_PROBLEMS_H_
#define LENSLET_BASE_PROTO_TEXT_PROBLEMS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/text_places.h"

namespace lenslet {

// The result of parsing a text with errors.
struct MendedText {
  // Sorted by place.
  std::vector<TextProblem> problems;
  // The places of problems for which text was removed. The message lacks what
  // that text said.
  std::vector<TextPlace> gaps;
  // Whether the message holds everything else in the text. False if there were
  // too many problems or one could not be repaired.
  bool complete = false;

  // Where the repaired text has each field of the message.
  TextLocations locations;
  // The repaired text. For each of its bytes, and its end, `origin` has the
  // offset in the original text.
  std::string text;
  std::vector<size_t> origin;
  // Of the repaired text and of the original one.
  TextPlaces places, original_places;
};

// Parses the text into `message` and repairs it as needed. Finds at most
// kMaxProblems; fewer, but at least one, in texts of more than 40 kB. A text
// with bytes that no text has (base/text_fault.h) has this problem only.
MendedText ParseAndFindProblems(absl::string_view text,
                                absl::string_view file_name,
                                google::protobuf::Message& message);

// As FindPlace() in base/proto_text.h, but returns the place in the unrepaired
// text.
TextPlace FindPlace(const google::protobuf::Message& message,
                    const MendedText& mended, absl::Span<const FieldStep> path);

}  // namespace lenslet

#endif  // LENSLET_BASE_PROTO_TEXT_PROBLEMS_H_
