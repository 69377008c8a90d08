#include "lenslet/base/proto_text_problems.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace lenslet {
namespace {

using google::protobuf::io::ArrayInputStream;
using google::protobuf::io::Tokenizer;

constexpr int kTabWidth = 8;

// The offset of a place, or of the text's end.
size_t OffsetOf(absl::string_view text, const TextPlace& place) {
  size_t offset = 0;
  for (int line = 1; line < place.line; ++line) {
    const size_t end = text.find('\n', offset);
    if (end == text.npos) return text.size();
    offset = end + 1;
  }
  for (int column = 0; column + 1 < place.column && offset < text.size() &&
                       text[offset] != '\n';
       ++offset) {
    column += text[offset] == '\t' ? kTabWidth - column % kTabWidth : 1;
  }
  return offset;
}

TextPlace PlaceOfOffset(absl::string_view text, size_t offset) {
  int line = 1;
  int column = 0;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++line;
      column = 0;
    } else {
      column += c == '\t' ? kTabWidth - column % kTabWidth : 1;
    }
  }
  return {.line = line, .column = column + 1};
}

class Ignored : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string&) override {}
};

struct Token {
  Tokenizer::TokenType type;
  size_t begin;
  size_t end;
  char first;
};

// As TextFormat reads them.
std::vector<Token> TokensOf(absl::string_view text) {
  ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  Ignored ignored;
  Tokenizer tokenizer(&stream, &ignored);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  tokenizer.set_allow_f_after_float(true);
  tokenizer.set_require_space_after_number(false);
  tokenizer.set_allow_multiline_strings(true);
  std::vector<Token> tokens;
  size_t line_start = 0;
  int line = 0;
  while (tokenizer.Next()) {
    const Tokenizer::Token& token = tokenizer.current();
    for (; line < token.line; ++line) {
      line_start = text.find('\n', line_start) + 1;
    }
    const size_t begin =
        line_start + OffsetOf(text.substr(line_start),
                              {.line = 1, .column = token.column + 1});
    tokens.push_back({.type = token.type,
                      .begin = begin,
                      .end = begin + token.text.size(),
                      .first = token.text[0]});
  }
  return tokens;
}

// The fields of a text, whatever else is in it.
class FieldMap {
 public:
  struct Field {
    int begin;  // Tokens.
    int end;
    bool has_value = false;
  };

  explicit FieldMap(const std::vector<Token>& tokens)
      : tokens_(tokens), owner_(tokens.size(), -1) {
    Read();
  }

  // The innermost field that a token belongs to by its name or value or by the
  // braces around it; null for a token that belongs to none.
  const Field* OwnerOf(int token) const {
    return owner_[token] < 0 ? nullptr : &fields_[owner_[token]];
  }
  // The blocks that the end of the text leaves open.
  int open_blocks() const { return static_cast<int>(open_.size()); }

 private:
  int count() const { return static_cast<int>(tokens_.size()); }
  bool Is(int token, absl::string_view symbols) const {
    return token < count() && tokens_[token].type == Tokenizer::TYPE_SYMBOL &&
           symbols.find(tokens_[token].first) != symbols.npos;
  }
  bool IsName(int token) const {
    return token < count() && tokens_[token].type == Tokenizer::TYPE_IDENTIFIER;
  }
  bool StartsField(int token) const {
    return IsName(token) && Is(token + 1, ":{<");
  }
  bool IsScalar(int token) const {
    return token < count() && tokens_[token].type != Tokenizer::TYPE_SYMBOL &&
           !StartsField(token);
  }

  void Read() {
    while (at_ < count()) {
      if (Is(at_, "}>") && !open_.empty()) {
        Take(open_.back());
        open_.pop_back();
      } else if (IsName(at_)) {
        ReadField();
      } else {
        ++at_;
      }
    }
  }

  void Take(int field) {
    owner_[at_] = field;
    fields_[field].end = ++at_;
  }

  void ReadField() {
    const int field = static_cast<int>(fields_.size());
    fields_.push_back({.begin = at_, .end = at_});
    Take(field);
    if (Is(at_, ":")) Take(field);
    if (Is(at_, "[")) {
      ReadList(field);
    } else {
      if (Is(at_, "-")) Take(field);
      if (IsScalar(at_)) {
        const bool is_string = tokens_[at_].type == Tokenizer::TYPE_STRING;
        fields_[field].has_value = true;
        Take(field);
        while (is_string && at_ < count() &&
               tokens_[at_].type == Tokenizer::TYPE_STRING) {
          Take(field);
        }
      }
      if (Is(at_, "{<")) {
        fields_[field].has_value = true;
        Take(field);
        open_.push_back(field);
        return;
      }
    }
    if (Is(at_, ",;")) Take(field);
  }

  void ReadList(int field) {
    int depth = 0;
    do {
      if (Is(at_, "[{<")) ++depth;
      if (Is(at_, "]}>")) --depth;
      if (depth == 1 && (StartsField(at_) || Is(at_, "}>"))) return;
      if (depth < 1 && !Is(at_, "]")) return;
      Take(field);
    } while (at_ < count() && depth > 0);
    fields_[field].has_value = depth == 0;
  }

  const std::vector<Token>& tokens_;
  std::vector<int> owner_;
  std::vector<Field> fields_;
  std::vector<int> open_;
  int at_ = 0;
};

// The name that a message proposes; "" if it proposes none.
absl::string_view Proposal(absl::string_view message) {
  constexpr absl::string_view kStart = "; did you mean \"";
  const size_t start = message.rfind(kStart);
  if (start == message.npos) return "";
  message.remove_prefix(start + kStart.size());
  return message.substr(0, message.find('"'));
}

class Mender {
 public:
  explicit Mender(MendedText& mended) : mended_(mended) {}

  // Changes the text so that the problem is gone. False if it cannot. Sets
  // `leaves_gap` to whether something is missing now.
  bool Mend(const TextProblem& problem, bool& leaves_gap) {
    leaves_gap = true;
    const std::vector<Token> tokens = TokensOf(mended_.text);
    const FieldMap fields(tokens);
    const int count = static_cast<int>(tokens.size());
    const size_t offset = OffsetOf(mended_.text, problem.place);
    if (count == 0 || problem.place.line == 0) return false;

    if (offset >= tokens.back().end) {
      const FieldMap::Field* last = fields.OwnerOf(count - 1);
      if (last != nullptr && !last->has_value) return Blank(tokens, *last);
      if (fields.open_blocks() == 0) return false;
      Replace(mended_.text.size(), mended_.text.size(),
              std::string(fields.open_blocks(), '}'));
      return true;
    }
    const int token =
        static_cast<int>(std::upper_bound(tokens.begin(), tokens.end(), offset,
                                          [](size_t value, const Token& t) {
                                            return value < t.begin;
                                          }) -
                         tokens.begin()) -
        1;
    if (token < 0) return false;
    const absl::string_view read =
        absl::string_view(mended_.text)
            .substr(tokens[token].begin,
                    tokens[token].end - tokens[token].begin);
    if (const absl::string_view proposal = Proposal(problem.message);
        !proposal.empty() && proposal != read &&
        tokens[token].type == Tokenizer::TYPE_IDENTIFIER) {
      leaves_gap = false;
      Replace(tokens[token].begin, tokens[token].end, std::string(proposal));
      return true;
    }
    if (token > 0) {
      const FieldMap::Field* before = fields.OwnerOf(token - 1);
      if (before != nullptr && !before->has_value && before->end == token) {
        return Blank(tokens, *before);
      }
    }
    const FieldMap::Field* owner = fields.OwnerOf(token);
    if (owner == nullptr) {
      leaves_gap = false;
      return Blank(tokens[token].begin, tokens[token].end);
    }
    return Blank(tokens, *owner);
  }

  // A quotation mark whose other one is on another line, or nowhere, takes in
  // what is not meant. Returns the problem and takes the field out.
  std::optional<TextProblem> MendOpenString() {
    const std::vector<Token> tokens = TokensOf(mended_.text);
    for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
      if (tokens[i].type != Tokenizer::TYPE_STRING) continue;
      const std::string& text = mended_.text;
      const size_t begin = tokens[i].begin;
      const size_t line_end = std::min(text.find('\n', begin), text.size());
      if (tokens[i].end <= line_end &&
          (tokens[i].end - begin > 1 &&
           text[tokens[i].end - 1] == text[begin])) {
        continue;
      }
      const TextPlace place = PlaceOfOffset(text, begin);
      size_t end = begin + 1;
      while (end < line_end && !absl::ascii_isspace(text[end])) ++end;
      size_t start = begin;
      const FieldMap fields(tokens);
      if (const FieldMap::Field* owner = fields.OwnerOf(i); owner != nullptr) {
        start = tokens[owner->begin].begin;
      }
      Blank(start, end);
      return TextProblem{.place = place,
                         .message =
                             "the quotation mark is not closed on its "
                             "line"};
    }
    return std::nullopt;
  }

 private:
  void Replace(size_t begin, size_t end, const std::string& by) {
    const size_t origin = mended_.origin[begin];
    mended_.text.replace(begin, end - begin, by);
    mended_.origin.erase(mended_.origin.begin() + begin,
                         mended_.origin.begin() + end);
    mended_.origin.insert(mended_.origin.begin() + begin, by.size(), origin);
  }

  bool Blank(size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      if (mended_.text[i] != '\n') mended_.text[i] = ' ';
    }
    return true;
  }

  bool Blank(const std::vector<Token>& tokens, const FieldMap::Field& field) {
    return Blank(tokens[field.begin].begin, tokens[field.end - 1].end);
  }

  MendedText& mended_;
};

TextPlace Original(const MendedText& mended, absl::string_view original,
                   const TextPlace& place) {
  if (place.line == 0) return place;
  return PlaceOfOffset(original, mended.origin[OffsetOf(mended.text, place)]);
}

}  // namespace

MendedText ParseAndFindProblems(absl::string_view text,
                                absl::string_view file_name,
                                google::protobuf::Message& message) {
  MendedText mended;
  mended.text = std::string(text);
  mended.origin.resize(text.size() + 1);
  std::iota(mended.origin.begin(), mended.origin.end(), size_t{0});
  Mender mender(mended);
  while (true) {
    std::optional<TextProblem> problem =
        ParseOrFindProblem(mended.text, file_name, message, mended.locations);
    if (!problem) {
      mended.complete = true;
      break;
    }
    if (mended.problems.size() == kMaxProblems) break;
    bool leaves_gap = true;
    bool goes_on = problem->place.line > 0;
    std::optional<TextProblem> open_string;
    if (goes_on) open_string = mender.MendOpenString();
    if (open_string) {
      problem = std::move(open_string);
      problem->place = Original(mended, text, problem->place);
    } else if (goes_on) {
      const TextPlace place = Original(mended, text, problem->place);
      goes_on = mender.Mend(*problem, leaves_gap);
      problem->place = place;
    }
    if (leaves_gap) mended.gaps.push_back(problem->place);
    mended.problems.push_back(*std::move(problem));
    if (!goes_on) break;
  }
  std::stable_sort(mended.problems.begin(), mended.problems.end(),
                   [](const TextProblem& a, const TextProblem& b) {
                     return a.place < b.place;
                   });
  return mended;
}

TextPlace FindPlace(const google::protobuf::Message& message,
                    const MendedText& mended, absl::string_view original,
                    absl::Span<const FieldStep> path) {
  return Original(mended, original, FindPlace(message, mended.locations, path));
}

}  // namespace lenslet
