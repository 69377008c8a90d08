#include "lenslet/base/text_fault.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lenslet/base/field_names.h"
#include "lenslet/base/field_words.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/text_tokens.h"
#include "lenslet/base/utf8.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

using Kind = TextToken::Kind;

// Of a text that a message quotes.
constexpr size_t kMostQuoted = 60;
// Of a list that a message proposes.
constexpr int kMostProposed = 5;

struct LookAlike {
  uint32_t code;
  absl::string_view meant;
};

// Characters that word processors and web pages put for others.
constexpr auto kLookAlikes = std::to_array<LookAlike>({
    {0x201c, "\""}, {0x201d, "\""}, {0x201e, "\""}, {0x00ab, "\""},
    {0x00bb, "\""}, {0x2018, "'"},  {0x2019, "'"},  {0x201a, "'"},
    {0x2010, "-"},  {0x2011, "-"},  {0x2013, "-"},  {0x2014, "-"},
    {0x2212, "-"},  {0xff1a, ":"},  {0xff0c, ","},  {0x00a0, " "},
    {0x2003, " "},  {0x2009, " "},  {0x202f, " "},  {0x3000, " "},
});

std::string Quoted(absl::string_view text) {
  if (text.size() <= kMostQuoted) return std::string(text);
  return absl::StrCat(text.substr(0, kMostQuoted), "...");
}

// "LayerProto" is a layer.
std::string NounOf(const Descriptor& type) {
  return absl::AsciiStrToLower(absl::StripSuffix(type.name(), "Proto"));
}

bool ParseInteger(absl::string_view text, uint64_t& number) {
  const int base = !absl::StartsWith(text, "0")             ? 10
                   : absl::StartsWithIgnoreCase(text, "0x") ? 16
                                                            : 8;
  if (base == 16) text.remove_prefix(2);
  number = 0;
  for (const char c : text) {
    const int digit =
        absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
    if (__builtin_mul_overflow(number, static_cast<uint64_t>(base), &number) ||
        __builtin_add_overflow(number, static_cast<uint64_t>(digit), &number)) {
      return false;
    }
  }
  return true;
}

// Whether a field without presence is absent if the text is its value.
bool IsZero(absl::string_view value) {
  double number = 0;
  return absl::SimpleAtod(value, &number)
             ? number == 0
             : absl::EqualsIgnoreCase(value, "false") || value == "f" ||
                   value == "\"\"" || value == "''";
}

// The integers that a field holds. `max` of 64 bits without a sign does not fit
// int64_t.
struct IntegerRange {
  int64_t min;
  uint64_t max;
};

IntegerRange RangeOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return {0, std::numeric_limits<uint32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {0, std::numeric_limits<uint64_t>::max()};
    case FieldDescriptor::CPPTYPE_INT64:
      return {std::numeric_limits<int64_t>::min(),
              std::numeric_limits<int64_t>::max()};
    default:
      return {std::numeric_limits<int32_t>::min(),
              std::numeric_limits<int32_t>::max()};
  }
}

class FaultFinder {
 public:
  FaultFinder(absl::string_view text, const Descriptor& type)
      : text_(text), root_(type) {
    Advance();
  }

  std::optional<TextFault> Find() {
    ReadFields(root_);
    return fault_;
  }

 private:
  // What the text gives a message.
  struct Given {
    std::set<const FieldDescriptor*> fields;
    std::map<const OneofDescriptor*, const FieldDescriptor*> of_oneof;
  };
  struct Block {
    const Descriptor* parent;
    const FieldDescriptor* field;
    size_t begin;
  };
  // The field that has just been read, if it has a single value.
  struct LastValue {
    const FieldDescriptor* field = nullptr;
    absl::string_view text;
    bool has_comma = false;
  };

  // Functions that read return false after a fault.
  bool ReadFields(const Descriptor& type);
  bool ReadField(const Descriptor& type, Given& given);
  bool ReadMessage(const Descriptor& parent, const FieldDescriptor& field);
  template <typename ReadElement>
  bool ReadList(const FieldDescriptor& field, const ReadElement& read);
  // `label` is what to call the field, with its index if in a list.
  bool ReadScalar(const FieldDescriptor& field, const std::string& label);
  bool ReadNumber(const FieldDescriptor& field, const std::string& label);
  bool CheckNotGiven(const Descriptor& type, const FieldDescriptor& field,
                     const Given& given);

  bool Fault(size_t offset, const std::string& message);
  bool Fault(const std::string& message) {
    return Fault(token_.begin, message);
  }
  // Expects something else than the current token.
  bool Unexpected(const std::string& expected);
  bool UnknownField(const Descriptor& type);
  std::string FieldOutside(const std::string& name, const Block& block) const;
  bool NoFieldStarts();
  bool NoColon(const FieldDescriptor& field);
  bool NoBlock(const FieldDescriptor& field);
  bool WrongValue(const FieldDescriptor& field, const std::string& label,
                  size_t begin);
  bool WrongBracket(const FieldDescriptor& field);
  bool SeveralValues();
  // Of a token that TextFormat does not accept anywhere.
  std::string WhyInvalid() const;

  void Advance() {
    previous_ = token_;
    token_ = NextToken(text_, token_.end);
  }
  TextToken After(const TextToken& token) const {
    return NextToken(text_, token.end);
  }
  absl::string_view TextOf(const TextToken& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  absl::string_view Text() const { return TextOf(token_); }
  bool IsSymbol(const TextToken& token, absl::string_view symbols) const {
    return token.kind == Kind::kSymbol &&
           symbols.find(text_[token.begin]) != symbols.npos;
  }
  bool Is(absl::string_view symbols) const { return IsSymbol(token_, symbols); }
  bool Skip(absl::string_view symbols) {
    if (!Is(symbols)) return false;
    Advance();
    return true;
  }
  bool AtEnd() const { return token_.kind == Kind::kEnd; }
  // Whether the current token is the name of another field.
  bool StartsNextField() const {
    return token_.kind == Kind::kName && IsSymbol(After(token_), ":{");
  }
  // Whether the current token is a part of the word before it, as in "5x5".
  bool ContinuesNumber() const {
    return token_.kind == Kind::kName && token_.begin == previous_.end &&
           (previous_.kind == Kind::kInteger || previous_.kind == Kind::kFloat);
  }
  // All up to white space or a sign of the format.
  std::string Word(size_t begin) const {
    constexpr absl::string_view kSigns = " \t\r\n\v\f{}[]()<>,;:#\"'=";
    size_t end = begin + 1;
    while (end < text_.size() && kSigns.find(text_[end]) == kSigns.npos) ++end;
    return Quoted(text_.substr(begin, end - begin));
  }
  // A word or a whole string.
  std::string Value(size_t begin) const {
    return token_.kind == Kind::kString ? Quoted(Text()) : Word(begin);
  }
  std::string Line(size_t offset) const {
    return absl::StrCat(
        "line ", 1 + std::count(text_.begin(), text_.begin() + offset, '\n'));
  }
  // Whether blocks of the text have no end.
  bool LacksBraces() const;

  const absl::string_view text_;
  const Descriptor& root_;
  TextToken previous_;
  TextToken token_;
  std::vector<Block> blocks_;
  LastValue last_;
  std::optional<TextFault> fault_;
};

bool FaultFinder::Fault(size_t offset, const std::string& message) {
  fault_ = TextFault{.offset = offset, .message = message};
  return false;
}

std::string FaultFinder::WhyInvalid() const {
  if (token_.open) return std::string(kOpenQuotationMark);
  if (token_.kind == Kind::kString) {
    return "the text in quotes has an unknown escape; write \\\\ for a "
           "backslash";
  }
  if (token_.kind != Kind::kSymbol) {
    return absl::StrCat("\"", Word(token_.begin), "\" is not a number");
  }
  const Utf8Character c = FirstUtf8Character(text_.substr(token_.begin));
  if (!c.valid || c.code < 0x80) {
    return absl::StrFormat("byte 0x%02x is not text",
                           static_cast<uint8_t>(text_[token_.begin]));
  }
  if (c.code == 0xfeff) {
    return "a byte order mark is inside the text; expected it only at the "
           "start";
  }
  const std::string code = absl::StrFormat("U+%04X", c.code);
  const auto alike =
      std::find_if(kLookAlikes.begin(), kLookAlikes.end(),
                   [&](const LookAlike& a) { return a.code == c.code; });
  if (alike == kLookAlikes.end()) {
    return absl::StrCat("the character ", text_.substr(token_.begin, c.bytes),
                        " (", code, ") is outside of quotes");
  }
  if (alike->meant == " ") {
    return absl::StrCat("the white space is ", code, "; expected a space");
  }
  return absl::StrCat("the character ", text_.substr(token_.begin, c.bytes),
                      " (", code, ") is not ", alike->meant, "; write ",
                      alike->meant);
}

bool FaultFinder::Unexpected(const std::string& expected) {
  if (!token_.valid) return Fault(WhyInvalid());
  if (AtEnd()) {
    return Fault(
        absl::StrCat("expected ", expected, ", got the end of the text"));
  }
  const bool is_quoted = token_.kind == Kind::kString;
  return Fault(absl::StrCat("expected ", expected, ", got ",
                            is_quoted ? "" : "\"", Quoted(Text()),
                            is_quoted ? "" : "\""));
}

bool FaultFinder::LacksBraces() const {
  int depth = static_cast<int>(blocks_.size());
  for (TextToken token = token_; token.kind != Kind::kEnd;
       token = After(token)) {
    if (IsSymbol(token, "{<")) ++depth;
    if (IsSymbol(token, "}>")) --depth;
  }
  return depth > 0;
}

bool FaultFinder::ReadFields(const Descriptor& type) {
  Given given;
  last_ = {};
  while (true) {
    if (AtEnd()) {
      if (blocks_.empty()) return true;
      return Fault(absl::StrCat("the block \"", blocks_.back().field->name(),
                                "\" of ", Line(blocks_.back().begin),
                                " has no end; expected a field or \"}\""));
    }
    if (!blocks_.empty() && Is("}>")) return true;
    if (!ReadField(type, given)) return false;
  }
}

bool FaultFinder::ReadField(const Descriptor& type, Given& given) {
  if (token_.kind != Kind::kName) return NoFieldStarts();
  const FieldDescriptor* field = type.FindFieldByName(std::string(Text()));
  if (field == nullptr) return UnknownField(type);
  if (!CheckNotGiven(type, *field, given)) return false;
  Advance();
  bool sets = true;
  last_ = {};
  if (field->message_type() != nullptr) {
    const bool has_colon = Skip(":");
    const auto read = [&](int) { return ReadMessage(type, *field); };
    if (has_colon && AtEnd()) return NoBlock(*field);
    if (field->is_repeated() && Is("[") ? !ReadList(*field, read) : !read(0)) {
      return false;
    }
    last_ = {};
  } else {
    if (!Is(":")) return NoColon(*field);
    Advance();
    if (field->is_repeated() && Is("[")) {
      const auto read = [&](int i) {
        return ReadScalar(*field, absl::StrCat(field->name(), "[", i, "]"));
      };
      if (!ReadList(*field, read)) return false;
    } else {
      const size_t begin = token_.begin;
      if (!ReadScalar(*field, field->name())) return false;
      last_ = {.field = field,
               .text = text_.substr(begin, previous_.end - begin)};
      sets = field->has_presence() || !IsZero(last_.text);
    }
  }
  if (sets) given.fields.insert(field);
  if (field->containing_oneof() != nullptr) {
    given.of_oneof[field->containing_oneof()] = field;
  }
  if (Is(",;")) {
    last_.has_comma = Is(",");
    Advance();
  }
  return true;
}

bool FaultFinder::CheckNotGiven(const Descriptor& type,
                                const FieldDescriptor& field,
                                const Given& given) {
  if (field.is_repeated()) return true;
  if (given.fields.contains(&field)) {
    return Fault(absl::StrCat("the field \"", field.name(),
                              "\" is given twice; expected it once"));
  }
  const auto other = given.of_oneof.find(field.containing_oneof());
  if (field.containing_oneof() == nullptr || other == given.of_oneof.end()) {
    return true;
  }
  return Fault(absl::StrCat(
      "this ", NounOf(type), " has \"", other->second->name(), "\" and \"",
      field.name(), "\"; expected one ", field.containing_oneof()->name()));
}

bool FaultFinder::ReadMessage(const Descriptor& parent,
                              const FieldDescriptor& field) {
  if (!Is("{<")) return NoBlock(field);
  const absl::string_view close = Is("{") ? "}" : ">";
  blocks_.push_back(
      {.parent = &parent, .field = &field, .begin = token_.begin});
  Advance();
  if (!ReadFields(*field.message_type())) return false;
  if (!Is(close)) {
    return Unexpected(absl::StrCat("\"", close, "\", the end of the block \"",
                                   field.name(), "\" of ",
                                   Line(blocks_.back().begin)));
  }
  blocks_.pop_back();
  Advance();
  return true;
}

template <typename ReadElement>
bool FaultFinder::ReadList(const FieldDescriptor& field,
                           const ReadElement& read) {
  const size_t begin = token_.begin;
  Advance();
  if (Skip("]")) return true;
  for (int i = 0;; ++i) {
    if (!read(i)) return false;
    if (Skip("]")) return true;
    if (Skip(",")) continue;
    if (AtEnd()) {
      return Fault(absl::StrCat("the list \"", field.name(), "\" of ",
                                Line(begin),
                                " has no end; expected \",\" or \"]\""));
    }
    if (ContinuesNumber()) {
      return Fault(previous_.begin, absl::StrCat(field.name(), "[", i, "] is ",
                                                 Word(previous_.begin),
                                                 "; expected ", Takes(field)));
    }
    return Unexpected(
        absl::StrCat("\",\" or \"]\" in the list \"", field.name(), "\""));
  }
}

bool FaultFinder::ReadScalar(const FieldDescriptor& field,
                             const std::string& label) {
  const size_t begin = token_.begin;
  if (IsNumeric(field)) return ReadNumber(field, label);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    if (token_.kind != Kind::kString) return WrongValue(field, label, begin);
    for (; token_.kind == Kind::kString; Advance()) {
      if (!token_.valid) return Fault(WhyInvalid());
    }
    return true;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    for (const absl::string_view known :
         {"true", "false", "True", "False", "t", "f", "0", "1"}) {
      if (Text() == known && !StartsNextField()) {
        Advance();
        return true;
      }
    }
    return WrongValue(field, label, begin);
  }
  const EnumDescriptor& type = *field.enum_type();
  if (token_.kind == Kind::kName && !StartsNextField()) {
    if (type.FindValueByName(std::string(Text())) == nullptr) {
      const std::string called = ValueCalled(Text(), type);
      const std::string near = DidYouMean(Text(), ValueNames(type));
      return Fault(absl::StrCat(
          "there is no ", field.name(), " \"", Quoted(Text()), "\"",
          !called.empty() ? absl::StrCat("; did you mean \"", called, "\"?")
          : !near.empty() ? near
                          : absl::StrCat("; expected ", Takes(field))));
    }
    Advance();
    return true;
  }
  Skip("-");
  if (token_.kind != Kind::kInteger || !token_.valid) {
    return WrongValue(field, label, begin);
  }
  Advance();
  return true;
}

bool FaultFinder::ReadNumber(const FieldDescriptor& field,
                             const std::string& label) {
  const size_t begin = token_.begin;
  const bool negative = Skip("-");
  if (!token_.valid) {
    if (token_.kind == Kind::kSymbol) return Fault(WhyInvalid());
    return WrongValue(field, label, begin);
  }
  if (IsFloating(field)) {
    const std::string word = absl::AsciiStrToLower(Text());
    const bool is_special =
        word == "inf" || word == "infinity" || word == "nan";
    const bool is_decimal = token_.kind == Kind::kFloat ||
                            (token_.kind == Kind::kInteger &&
                             (Text() == "0" || !absl::StartsWith(Text(), "0")));
    if (!is_special && !is_decimal) return WrongValue(field, label, begin);
    Advance();
    return true;
  }
  if (token_.kind != Kind::kInteger) return WrongValue(field, label, begin);
  const IntegerRange range = RangeOf(field);
  uint64_t number = 0;
  if (negative && range.min == 0) {
    return Fault(begin, absl::StrCat(label, " is ", Word(begin),
                                     "; expected a whole number of at least "
                                     "0"));
  }
  if (!ParseInteger(Text(), number) ||
      number > range.max + (negative ? 1 : 0)) {
    return Fault(begin, absl::StrCat(label, " is ", Word(begin),
                                     "; expected a whole number in [",
                                     range.min, ", ", range.max, "]"));
  }
  Advance();
  return true;
}

bool FaultFinder::WrongValue(const FieldDescriptor& field,
                             const std::string& label, size_t begin) {
  if (!token_.valid && token_.kind != Kind::kInteger &&
      token_.kind != Kind::kFloat) {
    return Fault(WhyInvalid());
  }
  const bool in_list = label.back() == ']';
  if (in_list && Is("]")) {
    return Fault(absl::StrCat("the list \"", field.name(),
                              "\" ends with a comma; expected ", Takes(field),
                              " after it"));
  }
  if (AtEnd() || Is("}>,;]") || StartsNextField()) {
    return Fault(absl::StrCat(label, " has no value; expected ", Takes(field)));
  }
  if (Is("({[") && !in_list) return WrongBracket(field);
  if (Is("([{")) return Unexpected(Takes(field));
  const std::string value = Value(begin);
  const std::string known = HintAboutValue(value, field);
  if (!known.empty()) {
    return Fault(begin,
                 absl::StrCat(label, " is ", value, "; expected ", known));
  }
  if (token_.kind != Kind::kString) {
    return Fault(
        begin, absl::StrCat(label, " is ", value, "; expected ", Takes(field)));
  }
  // The value itself, in quotes.
  const absl::string_view inside = Text().substr(1, Text().size() - 2);
  std::string meant;
  double number = 0;
  if (field.enum_type() != nullptr) {
    meant = ValueCalled(inside, *field.enum_type());
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL &&
             (inside == "true" || inside == "false")) {
    meant = std::string(inside);
  } else if (IsNumeric(field) && absl::SimpleAtod(inside, &number)) {
    meant = std::string(inside);
  }
  return Fault(
      begin,
      absl::StrCat(label, " is ", value, "; expected ",
                   meant.empty() ? Takes(field)
                                 : absl::StrCat(meant, " without quotes")));
}

// "(5, 5)", "{5, 5}" or "[5]" for what takes other brackets or none.
bool FaultFinder::WrongBracket(const FieldDescriptor& field) {
  const size_t begin = token_.begin;
  const char open = text_[begin];
  const char close = open == '(' ? ')' : open == '{' ? '}' : ']';
  const size_t end = text_.find(close, begin);
  constexpr size_t kLongest = 40;
  if (end == text_.npos || end - begin > kLongest) {
    return Unexpected(Takes(field));
  }
  const absl::string_view inside =
      absl::StripAsciiWhitespace(text_.substr(begin + 1, end - begin - 1));
  const absl::string_view whole = text_.substr(begin, end + 1 - begin);
  const bool is_list = field.is_repeated();
  if (inside.empty() || absl::StrContains(inside, '\n') ||
      inside.find_first_of("{}[]():") != inside.npos) {
    return Unexpected(Takes(field));
  }
  return Fault(absl::StrCat(
      field.name(), " is ", whole, "; expected ",
      is_list ? "a list in brackets" : Takes(field), ": ", field.name(), ": ",
      is_list                          ? absl::StrCat("[", inside, "]")
      : absl::StrContains(inside, ',') ? ExampleOf(field)
                                       : std::string(inside)));
}

// "=" or nothing in place of a colon.
bool FaultFinder::NoColon(const FieldDescriptor& field) {
  if (AtEnd() || Is("}>,;")) {
    return Fault(
        absl::StrCat(field.name(), " has no value; expected ", Takes(field)));
  }
  if (!token_.valid && token_.kind == Kind::kSymbol) {
    return Fault(WhyInvalid());
  }
  const TextToken value = Is("=") ? After(token_) : token_;
  const bool is_value = value.kind != Kind::kSymbol && value.kind != Kind::kEnd;
  const std::string example =
      is_value ? Quoted(TextOf(value)) : ExampleOf(field);
  return Fault(absl::StrCat("expected \":\" after ", field.name(), ", got ",
                            token_.kind == Kind::kString
                                ? Quoted(Text())
                                : absl::StrCat("\"", Quoted(Text()), "\""),
                            "; write ", field.name(), ": ", example));
}

bool FaultFinder::NoBlock(const FieldDescriptor& field) {
  if (AtEnd() || Is("}>,;]")) {
    return Fault(
        absl::StrCat(field.name(), " has no value; expected ", Takes(field)));
  }
  const bool is_value =
      token_.kind != Kind::kSymbol && token_.valid && !StartsNextField();
  if (!is_value) {
    return Unexpected(absl::StrCat("\"{\" after ", field.name()));
  }
  const std::string value = Value(token_.begin);
  const absl::string_view word = absl::StripSuffix(
      absl::StripPrefix(value, value.substr(0, 1) == "'" ? "'" : "\""),
      value.back() == '\'' ? "'" : "\"");
  return Fault(absl::StrCat(field.name(), " is ", value,
                            "; expected a block: ", BlockOf(field, word)));
}

// What to say of a name that a field of the message around `block` has; "" if
// none has.
std::string FaultFinder::FieldOutside(const std::string& name,
                                      const Block& block) const {
  const FieldDescriptor* field = FieldCalled(name, *block.parent);
  if (field == nullptr) return "";
  const bool is_exact = field->name() == name;
  if (is_exact && LacksBraces()) {
    return absl::StrCat("; close the block \"", blocks_.back().field->name(),
                        "\" of ", Line(blocks_.back().begin), " ",
                        kMissingBrace);
  }
  const OneofDescriptor* oneof = field->real_containing_oneof();
  if (oneof != nullptr && oneof == block.field->real_containing_oneof()) {
    const std::string noun = NounOf(*block.parent);
    return absl::StrCat("; it is a ", noun, " ", oneof->name(),
                        " itself: write another ", noun, " { ... }");
  }
  const std::string owner = &block == &blocks_.front()
                                ? PluralOf(*block.parent)
                                : (&block - 1)->field->name();
  return absl::StrCat("; it is ", is_exact ? "a field" : field->name().c_str(),
                      " of ", owner, ": write it outside of \"",
                      block.field->name(), "\"");
}

bool FaultFinder::UnknownField(const Descriptor& type) {
  if (ContinuesNumber() && last_.field != nullptr) {
    const std::string word = Word(previous_.begin);
    const std::string list = absl::StrJoin(
        std::vector<absl::string_view>{TextOf(previous_), Text().substr(1)},
        ", ");
    const bool is_product =
        last_.field->is_repeated() && absl::ascii_tolower(Text()[0]) == 'x' &&
        std::all_of(Text().begin() + 1, Text().end(), absl::ascii_isdigit);
    return Fault(
        previous_.begin,
        absl::StrCat(last_.field->name(), " is ", word, "; expected ",
                     is_product ? absl::StrCat("a list: ", last_.field->name(),
                                               ": [", list, "]")
                                : Takes(*last_.field)));
  }
  if (const TextToken next = After(token_);
      !next.valid && next.begin == token_.end) {
    Advance();  // A letter that names do not have.
    return Fault(WhyInvalid());
  }
  const std::string name(Text());
  // Values of other fields are no kinds of what they are in.
  const bool has_kinds =
      type.real_oneof_decl_count() > 0 &&
      type.oneof_decl(0)->field(0)->message_type() != nullptr;
  const std::string or_kind =
      has_kinds ? absl::StrCat(" or ", type.oneof_decl(0)->name()) : "";
  std::string end = SuggestKnownField(name, type);
  for (auto block = blocks_.rbegin(); block != blocks_.rend() && end.empty();
       ++block) {
    end = FieldOutside(name, *block);
  }
  if (end.empty()) end = SuggestField(name, type);
  return Fault(absl::StrCat(
      blocks_.empty() ? absl::StrCat(PluralOf(type), " have")
                      : absl::StrCat(blocks_.back().field->name(), " has"),
      " no field", or_kind, " \"", Quoted(name), "\"", end));
}

// "kernel: 5, 5", or "0,1" for 0.1.
bool FaultFinder::SeveralValues() {
  const FieldDescriptor& field = *last_.field;
  if (field.is_repeated()) {
    std::vector<absl::string_view> values = {last_.text};
    TextToken token = token_;
    while (static_cast<int>(values.size()) < kMostProposed &&
           (token.kind == Kind::kInteger || token.kind == Kind::kFloat ||
            token.kind == Kind::kString)) {
      values.push_back(TextOf(token));
      token = After(token);
      if (!IsSymbol(token, ",")) break;
      token = After(token);
    }
    return Fault(absl::StrCat("a list is in brackets: ", field.name(), ": [",
                              absl::StrJoin(values, ", "), "]"));
  }
  if (IsFloating(field) && token_.kind == Kind::kInteger &&
      token_.begin == previous_.end) {
    return Fault(absl::StrCat(field.name(), " is ", last_.text, ",", Text(),
                              "; expected a decimal point: ", last_.text, ".",
                              Text()));
  }
  return Fault(absl::StrCat(field.name(), " has several values; expected one"));
}

bool FaultFinder::NoFieldStarts() {
  if (!token_.valid) return Fault(WhyInvalid());
  const absl::string_view rest = text_.substr(token_.begin);
  if (absl::StartsWith(rest, "//") || absl::StartsWith(rest, "/*")) {
    return Fault(absl::StrCat("comments start with \"#\", not with \"",
                              rest.substr(0, 2), "\""));
  }
  const bool is_value = token_.kind != Kind::kSymbol;
  if (is_value && last_.field != nullptr && last_.has_comma) {
    return SeveralValues();
  }
  if (token_.kind == Kind::kString && IsSymbol(After(token_), ":")) {
    return Fault(absl::StrCat("the name of a field is in quotes; write ",
                              Quoted(Text().substr(1, Text().size() - 2)),
                              ":"));
  }
  if (blocks_.empty() && Is("}>")) {
    return Fault(
        absl::StrCat("\"", Text(), "\" closes nothing: no block is open"));
  }
  if (blocks_.empty() && Is("{") && previous_.end == 0) {
    return Unexpected(
        "the name of a field (this is not JSON: name: value, without braces "
        "around all)");
  }
  return Unexpected(blocks_.empty() ? "the name of a field"
                                    : "a field or \"}\"");
}

}  // namespace

std::optional<TextFault> FindTextFault(absl::string_view text,
                                       const Descriptor& type) {
  return FaultFinder(text, type).Find();
}

std::optional<TextFault> FindBinary(absl::string_view text) {
  if (absl::StartsWith(text, "\xff\xfe") ||
      absl::StartsWith(text, "\xfe\xff")) {
    return TextFault{.message = "the text is UTF-16; expected UTF-8"};
  }
  bool in_comment = false;
  for (size_t i = 0; i < text.size();) {
    const Utf8Character c = FirstUtf8Character(text.substr(i));
    if (c.valid && c.code == '#') in_comment = true;
    if (c.valid && c.code == '\n') in_comment = false;
    const bool is_control =
        c.valid && c.code < 0x20 && !absl::ascii_isspace(text[i]);
    if (is_control || (!c.valid && !in_comment)) {
      return TextFault{
          .offset = i,
          .message = absl::StrFormat("byte 0x%02x is not text; expected UTF-8",
                                     static_cast<uint8_t>(text[i]))};
    }
    i += c.bytes;
  }
  return std::nullopt;
}

}  // namespace lenslet
