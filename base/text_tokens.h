// Splits a text proto into tokens, as google::protobuf::TextFormat does. Unlike
// protobuf's tokenizer, it knows the offset of each token and also describes
// tokens that TextFormat rejects.

#ifndef LENSLET_BASE_TEXT_TOKENS_H_
#define LENSLET_BASE_TEXT_TOKENS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace lenslet {

struct TextToken {
  enum class Kind : uint8_t {
    kName,
    kInteger,  // Decimal, octal or hexadecimal, without a sign.
    kFloat,
    kString,  // With its quotation marks.
    kSymbol,  // One character, or a run of control characters.
    kEnd,     // Of the text. Empty.
  };

  Kind kind = Kind::kEnd;
  size_t begin = 0;
  size_t end = 0;
  // Whether TextFormat accepts the token. It accepts symbols of ASCII, numbers
  // of the right form and strings that end and have only known escapes.
  bool valid = true;
  // Whether it is a string without a closing quotation mark on its line.
  bool open = false;
};

// Returns the first token that starts at offset `from` or after. Skips white
// space and comments, which start with "#".
TextToken NextToken(absl::string_view text, size_t from);

}  // namespace lenslet

#endif  // LENSLET_BASE_TEXT_TOKENS_H_
