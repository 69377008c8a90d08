#include "lenslet/base/proto_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "lenslet/base/check.h"
#include "lenslet/base/field_names.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::io::ArrayInputStream;
using google::protobuf::io::Tokenizer;

using ParseInfoTree = TextFormat::ParseInfoTree;
using ParseLocation = TextFormat::ParseLocation;

// Keeps the first error: those after it are often only its consequences.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (!message_.empty()) return;
    location_ = ParseLocation(line, column);
    message_ = message;
  }

  const ParseLocation& location() const { return location_; }
  const std::string& message() const { return message_; }

 private:
  ParseLocation location_;
  std::string message_;
};

// The token before the one at `location`.
Tokenizer::Token TokenBefore(absl::string_view text,
                             const ParseLocation& location) {
  ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  FirstError ignored;
  Tokenizer tokenizer(&stream, &ignored);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  while (tokenizer.Next()) {
    const Tokenizer::Token& token = tokenizer.current();
    if (std::pair(token.line, token.column) >=
        std::pair(location.line, location.column)) {
      break;
    }
  }
  return tokenizer.previous();
}

ParseLocation LocationOf(const Tokenizer::Token& token) {
  return ParseLocation(token.line, token.column);
}

// The types that a message is made of, itself included.
std::vector<const Descriptor*> TypesBelow(const Descriptor* root) {
  std::vector<const Descriptor*> types = {root};
  for (size_t i = 0; i < types.size(); ++i) {
    for (int j = 0; j < types[i]->field_count(); ++j) {
      const Descriptor* type = types[i]->field(j)->message_type();
      if (type != nullptr &&
          std::find(types.begin(), types.end(), type) == types.end()) {
        types.push_back(type);
      }
    }
  }
  return types;
}

const Descriptor* FindType(const Descriptor* root, absl::string_view name) {
  for (const Descriptor* type : TypesBelow(root)) {
    if (type->full_name() == name) return type;
  }
  return nullptr;
}

// "LayerProto" is a layer.
std::string Noun(const Descriptor& type) {
  return absl::AsciiStrToLower(absl::StripSuffix(type.name(), "Proto"));
}

std::string NoSuchField(const Descriptor& type, absl::string_view field) {
  const std::string or_kind =
      type.real_oneof_decl_count() == 0
          ? ""
          : absl::StrCat(" or ", Noun(type), " ", type.oneof_decl(0)->name());
  return absl::StrCat("there is no field", or_kind, " \"", field, "\" in ",
                      type.name(), SuggestField(field, type));
}

// `field` is the name of an enum in at least one message below `root`.
std::string NoSuchValue(const Descriptor* root, absl::string_view field,
                        absl::string_view value) {
  std::vector<std::string> known;
  for (const Descriptor* type : TypesBelow(root)) {
    const FieldDescriptor* found = type->FindFieldByName(std::string(field));
    if (found == nullptr || found->enum_type() == nullptr) continue;
    // Another field of that name.
    if (found->enum_type()->FindValueByName(std::string(value)) != nullptr) {
      continue;
    }
    for (int i = 0; i < found->enum_type()->value_count(); ++i) {
      const std::string& name = found->enum_type()->value(i)->name();
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        known.push_back(name);
      }
    }
  }
  const std::string did_you_mean = DidYouMean(value, known);
  return absl::StrCat(
      "there is no ", field, " \"", value, "\"",
      !did_you_mean.empty()
          ? did_you_mean
          : absl::StrCat("; expected one of: ", absl::StrJoin(known, ", ")));
}

// A type below `root` that has both fields.
const Descriptor* TypeWithFields(const Descriptor* root, absl::string_view a,
                                 absl::string_view b) {
  for (const Descriptor* type : TypesBelow(root)) {
    if (type->FindFieldByName(std::string(a)) != nullptr &&
        type->FindFieldByName(std::string(b)) != nullptr) {
      return type;
    }
  }
  return nullptr;
}

// `got` is a value, in place of what TextFormat calls `wanted`.
std::string WrongValue(const Descriptor* root, absl::string_view text,
                       const ParseLocation& location, absl::string_view wanted,
                       absl::string_view got) {
  const std::string expected = wanted == "integer"  ? "a whole number"
                               : wanted == "double" ? "a number"
                               : wanted == "string" ? "text in quotes"
                                                    : std::string(wanted);
  // The value of "name: value"; other values are in lists.
  const Tokenizer::Token colon = TokenBefore(text, location);
  if (colon.text != ":") {
    return absl::StrCat("expected ", expected, ", got ", got);
  }
  const std::string name = TokenBefore(text, LocationOf(colon)).text;
  if (got.empty() || got == "}" || got == ">") {
    return absl::StrCat(name, " has no value; expected ", expected);
  }
  for (const Descriptor* type : TypesBelow(root)) {
    const FieldDescriptor* field = type->FindFieldByName(name);
    if (field == nullptr) continue;
    const std::string hint = HintAboutValue(got, *field);
    if (!hint.empty()) {
      return absl::StrCat(name, " is ", got, "; expected ", hint);
    }
  }
  return absl::StrCat(name, " is ", got, "; expected ", expected);
}

// TextFormat speaks to programmers, and reports names where the token after
// them is. Texts that it has changed in another version pass as they are.
std::string Reworded(const Descriptor* root, absl::string_view message,
                     absl::string_view text, ParseLocation& location) {
  const std::vector<absl::string_view> parts = absl::StrSplit(message, '"');
  if (parts.size() == 5 && parts[0] == "Message type " &&
      parts[2] == " has no field named ") {
    location = LocationOf(TokenBefore(text, location));
    const Descriptor* type = FindType(root, parts[1]);
    if (type != nullptr) return NoSuchField(*type, parts[3]);
  }
  if (parts.size() == 5 && parts[0] == "Unknown enumeration value of ") {
    location = LocationOf(TokenBefore(text, location));
    return NoSuchValue(root, parts[3], parts[1]);
  }
  if (parts.size() == 7 && parts[2] == " is specified along with field ") {
    location = LocationOf(TokenBefore(text, location));
    const Descriptor* type = TypeWithFields(root, parts[1], parts[3]);
    if (type != nullptr) {
      return absl::StrCat("this ", Noun(*type), " has \"", parts[3],
                          "\" and \"", parts[1], "\"; expected one ", parts[5]);
    }
  }
  if (parts.size() == 3 && parts[2] == " is specified multiple times.") {
    location = LocationOf(TokenBefore(text, location));
    return absl::StrCat("the field \"", parts[1],
                        "\" is given twice; expected it once");
  }
  absl::string_view rest = message;
  if (absl::ConsumePrefix(&rest, "Expected ")) {
    for (const absl::string_view wanted : {"integer", "double", "string"}) {
      absl::string_view got = rest;
      if (absl::ConsumePrefix(&got, absl::StrCat(wanted, ", got: "))) {
        return WrongValue(root, text, location, wanted, got);
      }
    }
  }
  if (message == "Expected identifier, got: ") {
    return "the text ends inside a block; expected a field or \"}\"";
  }
  if (absl::EndsWith(message, ", found \"\".")) {
    return absl::StrCat(absl::StripSuffix(message, "\"\"."),
                        "the end of the text");
  }
  return std::string(absl::StripSuffix(message, "."));
}

TextPlace PlaceOf(const ParseLocation& location) {
  if (location.line < 0) return {};
  return {.line = location.line + 1, .column = location.column + 1};
}

}  // namespace

std::string ToString(absl::string_view file_name, const TextPlace& place) {
  if (place.line == 0) return std::string(file_name);
  return absl::StrCat(file_name, ":", place.line, ":", place.column);
}

std::optional<TextProblem> ParseOrFindProblem(absl::string_view text,
                                              absl::string_view file_name,
                                              Message& message,
                                              TextLocations& locations) {
  locations = {.file_name = std::string(file_name)};
  if (text.size() > kMaxProtoTextBytes) {
    return TextProblem{.message = absl::StrCat(
                           "the ", Noun(*message.GetDescriptor()), " has ",
                           text.size(), " bytes of text; expected at most ",
                           kMaxProtoTextBytes)};
  }
  auto tree = std::make_unique<ParseInfoTree>();
  FirstError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(tree.get());
  ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, &message)) {
    ParseLocation location = error.location();
    const std::string reason =
        Reworded(message.GetDescriptor(), error.message(), text, location);
    return TextProblem{.place = PlaceOf(location),
                       .message = Printable(reason)};
  }
  locations.tree = std::move(tree);
  return std::nullopt;
}

absl::Status ParseProtoText(absl::string_view text, absl::string_view file_name,
                            Message& message, TextLocations& locations) {
  const std::optional<TextProblem> problem =
      ParseOrFindProblem(text, file_name, message, locations);
  if (!problem) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      ToString(file_name, problem->place), ": ", problem->message));
}

std::string ProtoToText(const Message& message) {
  TextFormat::Printer printer;
  printer.SetUseShortRepeatedPrimitives(true);
  printer.SetHideUnknownFields(true);
  std::string text;
  LENSLET_CHECK(printer.PrintToString(message, &text));
  return text;
}

TextPlace FindPlace(const Message& root, const TextLocations& locations,
                    absl::Span<const FieldStep> path) {
  const Message* message = &root;
  const ParseInfoTree* tree = locations.tree.get();
  ParseLocation place;
  for (const FieldStep& step : path) {
    if (tree == nullptr) break;
    const FieldDescriptor* field =
        message->GetDescriptor()->FindFieldByNumber(step.number);
    const google::protobuf::Reflection* reflection = message->GetReflection();
    int index = -1;
    // A list as a whole is where its first entry is.
    const int entry = field->is_repeated() ? std::max(step.index, 0) : -1;
    if (field->is_repeated()) {
      // A list in brackets has one location for all of its entries.
      const int size = reflection->FieldSize(*message, field);
      if (entry >= size) break;
      index = tree->GetLocation(field, size - 1).line < 0 ? 0 : entry;
    }
    const ParseLocation location = tree->GetLocation(field, index);
    if (location.line < 0) break;
    place = location;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) break;
    tree = tree->GetTreeForNested(field, entry);
    message = field->is_repeated()
                  ? &reflection->GetRepeatedMessage(*message, field, entry)
                  : &reflection->GetMessage(*message, field);
  }
  return PlaceOf(place);
}

std::string PlaceOf(const Message& message, const TextLocations& locations,
                    absl::Span<const FieldStep> path) {
  return ToString(locations.file_name, FindPlace(message, locations, path));
}

}  // namespace lenslet
