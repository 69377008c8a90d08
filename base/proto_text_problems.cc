#include "lenslet/base/proto_text_problems.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "lenslet/base/text_fault.h"
#include "lenslet/base/text_tokens.h"

namespace lenslet {
namespace {

// The text is read again after each problem. This bounds the time for long
// ones.
constexpr size_t kMostBytesRead = size_t{4} << 20;

// Without the end.
std::vector<TextToken> TokensOf(absl::string_view text) {
  std::vector<TextToken> tokens;
  for (TextToken token = NextToken(text, 0);
       token.kind != TextToken::Kind::kEnd;
       token = NextToken(text, token.end)) {
    tokens.push_back(token);
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

  // The text and its tokens must outlive the map.
  FieldMap(absl::string_view text, const std::vector<TextToken>& tokens)
      : text_(text), tokens_(tokens), owner_(tokens.size(), -1) {
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
    return token < count() && tokens_[token].kind == TextToken::Kind::kSymbol &&
           symbols.find(text_[tokens_[token].begin]) != symbols.npos;
  }
  bool IsName(int token) const {
    return token < count() && tokens_[token].kind == TextToken::Kind::kName;
  }
  bool StartsField(int token) const {
    return IsName(token) && Is(token + 1, ":{<");
  }
  bool IsScalar(int token) const {
    return token < count() && tokens_[token].kind != TextToken::Kind::kSymbol &&
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
        const bool is_string = tokens_[at_].kind == TextToken::Kind::kString;
        fields_[field].has_value = true;
        Take(field);
        while (is_string && at_ < count() &&
               tokens_[at_].kind == TextToken::Kind::kString) {
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

  const absl::string_view text_;
  const std::vector<TextToken>& tokens_;
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
    const std::vector<TextToken> tokens = TokensOf(mended_.text);
    const FieldMap fields(mended_.text, tokens);
    const int count = static_cast<int>(tokens.size());
    if (count == 0 || problem.place.line == 0) return false;
    const size_t offset = mended_.places.OffsetOf(problem.place);

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
                                          [](size_t value, const TextToken& t) {
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
        tokens[token].kind == TextToken::Kind::kName) {
      leaves_gap = false;
      Replace(tokens[token].begin, tokens[token].end, std::string(proposal));
      return true;
    }
    if (absl::StrContains(problem.message, kMissingBrace)) {
      leaves_gap = false;
      Replace(tokens[token].begin, tokens[token].begin, "}");
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
    const std::vector<TextToken> tokens = TokensOf(mended_.text);
    for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
      const std::string& text = mended_.text;
      if (!tokens[i].open) continue;
      const size_t begin = tokens[i].begin;
      const size_t line_end = std::min(text.find('\n', begin), text.size());
      const TextPlace place = mended_.places.PlaceOf(begin);
      size_t end = begin + 1;
      while (end < line_end && !absl::ascii_isspace(text[end])) ++end;
      size_t start = begin;
      const FieldMap fields(mended_.text, tokens);
      if (const FieldMap::Field* owner = fields.OwnerOf(i); owner != nullptr) {
        start = tokens[owner->begin].begin;
      }
      Blank(start, end);
      return TextProblem{.place = place,
                         .message = std::string(kOpenQuotationMark)};
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

  bool Blank(const std::vector<TextToken>& tokens,
             const FieldMap::Field& field) {
    return Blank(tokens[field.begin].begin, tokens[field.end - 1].end);
  }

  MendedText& mended_;
};

TextPlace Original(const MendedText& mended, const TextPlace& place) {
  if (place.line == 0) return place;
  return mended.original_places.PlaceOf(
      mended.origin[mended.places.OffsetOf(place)]);
}

}  // namespace

MendedText ParseAndFindProblems(absl::string_view text,
                                absl::string_view file_name,
                                google::protobuf::Message& message) {
  text = WithoutByteOrderMark(text);
  MendedText mended;
  mended.text = std::string(text);
  mended.origin.resize(text.size() + 1);
  std::iota(mended.origin.begin(), mended.origin.end(), size_t{0});
  mended.original_places = mended.places = TextPlaces(text);
  Mender mender(mended);
  for (size_t bytes_read = text.size();; bytes_read += text.size()) {
    std::optional<TextProblem> problem =
        ParseOrFindProblem(mended.text, file_name, message, mended.locations);
    if (!problem) {
      mended.complete = true;
      break;
    }
    if (mended.problems.size() == kMaxProblems) break;
    bool leaves_gap = true;
    bool goes_on = problem->place.line > 0 && bytes_read <= kMostBytesRead &&
                   !(mended.problems.empty() && FindBinary(text));
    std::optional<TextProblem> open_string;
    if (goes_on) open_string = mender.MendOpenString();
    if (open_string) {
      problem = std::move(open_string);
      problem->place = Original(mended, problem->place);
    } else {
      const TextPlace place = Original(mended, problem->place);
      if (goes_on) goes_on = mender.Mend(*problem, leaves_gap);
      problem->place = place;
    }
    if (leaves_gap) mended.gaps.push_back(problem->place);
    mended.problems.push_back(*std::move(problem));
    if (!goes_on) break;
    mended.places = TextPlaces(mended.text);
  }
  std::stable_sort(mended.problems.begin(), mended.problems.end(),
                   [](const TextProblem& a, const TextProblem& b) {
                     return a.place < b.place;
                   });
  return mended;
}

TextPlace FindPlace(const google::protobuf::Message& message,
                    const MendedText& mended,
                    absl::Span<const FieldStep> path) {
  return Original(mended, FindPlace(message, mended.locations, path));
}

}  // namespace lenslet
