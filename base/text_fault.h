// Says in plain words what is wrong with a text proto that
// google::protobuf::TextFormat rejects, whose own words are for programmers.

#ifndef LENSLET_BASE_TEXT_FAULT_H_
#define LENSLET_BASE_TEXT_FAULT_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace lenslet {

// What a fault says of a quotation mark without another one on its line.
inline constexpr absl::string_view kOpenQuotationMark =
    "the quotation mark is not closed on its line";

// What a fault's message contains if a closing brace is missing at its offset.
inline constexpr absl::string_view kMissingBrace = "with \"}\" before it";

struct TextFault {
  size_t offset = 0;
  std::string message;
};

// Returns the first fault of a text that should be a message of type `type`.
// Follows the grammar of TextFormat; nothing if it accepts the text.
std::optional<TextFault> FindTextFault(
    absl::string_view text, const google::protobuf::Descriptor& type);

// Returns the fault of the first byte that no text has: a control character, or
// one that is not UTF-8. Bytes of comments that are not UTF-8 pass.
std::optional<TextFault> FindBinary(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_BASE_TEXT_FAULT_H_
