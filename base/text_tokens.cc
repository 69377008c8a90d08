#include "lenslet/base/text_tokens.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace lenslet {
namespace {

bool StartsName(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool IsInName(char c) { return absl::ascii_isalnum(c) || c == '_'; }
bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// Other than white space.
bool IsControlCharacter(char c) {
  return static_cast<uint8_t>(c) < 0x20 && !absl::ascii_isspace(c);
}

// Reads one token.
class TokenReader {
 public:
  TokenReader(absl::string_view text, size_t begin)
      : text_(text), token_{.begin = begin, .end = begin} {}

  TextToken Read() {
    if (token_.begin == text_.size()) return token_;
    const char first = Peek();
    if (StartsName(first)) {
      token_.kind = TextToken::Kind::kName;
      SkipAll(IsInName);
    } else if (absl::ascii_isdigit(first) ||
               (first == '.' && absl::ascii_isdigit(Peek(1)))) {
      ReadNumber();
    } else if (first == '"' || first == '\'') {
      ReadString();
    } else {
      token_.kind = TextToken::Kind::kSymbol;
      token_.valid = absl::ascii_isascii(first) && !IsControlCharacter(first);
      if (IsControlCharacter(first)) {
        SkipAll(IsControlCharacter);
      } else {
        ++token_.end;
      }
    }
    return token_;
  }

 private:
  // 0 at the end of the text.
  char Peek(size_t ahead = 0) const {
    return token_.end + ahead < text_.size() ? text_[token_.end + ahead] : '\0';
  }
  bool AtEnd() const { return token_.end == text_.size(); }
  bool Skip(char c) {
    if (AtEnd() || Peek() != c) return false;
    ++token_.end;
    return true;
  }
  // Returns whether there was any.
  template <typename Predicate>
  bool SkipAll(Predicate is_in) {
    const size_t begin = token_.end;
    while (!AtEnd() && is_in(Peek())) ++token_.end;
    return token_.end > begin;
  }

  void ReadNumber() {
    token_.kind = TextToken::Kind::kInteger;
    const bool after_name =
        token_.begin > 0 && IsInName(text_[token_.begin - 1]) && Peek() == '.';
    if (after_name) token_.valid = false;
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X')) {
      token_.end += 2;
      if (!SkipAll(absl::ascii_isxdigit)) token_.valid = false;
    } else if (Peek() == '0' && absl::ascii_isdigit(Peek(1))) {
      SkipAll(IsOctal);
      if (SkipAll(absl::ascii_isdigit)) token_.valid = false;
    } else {
      SkipAll(absl::ascii_isdigit);
      if (Skip('.')) {
        token_.kind = TextToken::Kind::kFloat;
        SkipAll(absl::ascii_isdigit);
      }
      if (Skip('e') || Skip('E')) {
        token_.kind = TextToken::Kind::kFloat;
        if (!Skip('-')) Skip('+');
        if (!SkipAll(absl::ascii_isdigit)) token_.valid = false;
      }
      if (Skip('f') || Skip('F')) token_.kind = TextToken::Kind::kFloat;
    }
    if (Peek() == '.') token_.valid = false;
  }

  void ReadString() {
    token_.kind = TextToken::Kind::kString;
    const char quote = Peek();
    ++token_.end;
    while (!Skip(quote)) {
      if (Peek() == '\0' || Peek() == '\n') {  // 0 at the end, too.
        token_.open = true;
        token_.valid = false;
        return;
      }
      if (Skip('\\')) {
        ReadEscape();
      } else {
        ++token_.end;
      }
    }
  }

  void ReadEscape() {
    constexpr absl::string_view kSimple = "abfnrtv\\?'\"01234567";
    const char c = Peek();
    if (c == '\0' || c == '\n') return;  // ReadString() ends.
    int digits = 0;
    if (c == 'x' || c == 'X') {
      digits = 1;
    } else if (c == 'u') {
      digits = 4;
    } else if (c == 'U') {
      digits = 8;
    } else if (kSimple.find(c) == kSimple.npos) {
      token_.valid = false;
      return;
    }
    ++token_.end;
    for (int i = 0; i < digits; ++i) {
      if (!absl::ascii_isxdigit(Peek())) {
        token_.valid = false;
        return;
      }
      ++token_.end;
    }
  }

  const absl::string_view text_;
  TextToken token_;
};

}  // namespace

TextToken NextToken(absl::string_view text, size_t from) {
  while (from < text.size()) {
    if (text[from] == '#') {
      from = std::min(text.find('\n', from), text.size());
    } else if (absl::ascii_isspace(text[from])) {
      ++from;
    } else {
      break;
    }
  }
  return TokenReader(text, from).Read();
}

}  // namespace lenslet
