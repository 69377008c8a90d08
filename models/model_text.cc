#include "models/model_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/check.h"
#include "base/nearest_name.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "models/printable.h"

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
ParseLocation TokenBefore(absl::string_view text,
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
  return ParseLocation(tokenizer.previous().line, tokenizer.previous().column);
}

std::string NoSuchField(absl::string_view type, absl::string_view field) {
  std::vector<std::string> known;
  const Descriptor* descriptor =
      ModelProto::descriptor()->file()->FindMessageTypeByName(
          std::string(type));
  for (int i = 0; i < descriptor->field_count(); ++i) {
    known.push_back(descriptor->field(i)->name());
  }
  constexpr size_t kLongestTypo = 100;
  const std::string did_you_mean =
      field.size() > kLongestTypo ? "" : DidYouMean(field, known);
  return absl::StrCat(
      type == "LayerProto" ? "there is no field or layer type \""
                           : "there is no field \"",
      field, "\" in ", type,
      !did_you_mean.empty() ? did_you_mean
      : known.empty()       ? ", which has none"
                      : absl::StrCat(", only ", absl::StrJoin(known, ", ")));
}

// `field` is the name of an enum in at least one message.
std::string NoSuchValue(absl::string_view field, absl::string_view value) {
  std::vector<std::string> known;
  const google::protobuf::FileDescriptor* file =
      ModelProto::descriptor()->file();
  for (int i = 0; i < file->message_type_count(); ++i) {
    const FieldDescriptor* found =
        file->message_type(i)->FindFieldByName(std::string(field));
    if (found == nullptr || found->enum_type() == nullptr) continue;
    for (int j = 0; j < found->enum_type()->value_count(); ++j) {
      const std::string& name = found->enum_type()->value(j)->name();
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        known.push_back(name);
      }
    }
  }
  return absl::StrCat("there is no ", field, " \"", value, "\", only ",
                      absl::StrJoin(known, ", "));
}

// TextFormat speaks to programmers, and reports names where the token after
// them is. Texts that it has changed in another version pass as they are.
std::string Reworded(absl::string_view message, absl::string_view text,
                     ParseLocation& location) {
  const std::vector<absl::string_view> parts = absl::StrSplit(message, '"');
  if (parts.size() == 5 && parts[0] == "Message type " &&
      parts[2] == " has no field named ") {
    location = TokenBefore(text, location);
    return NoSuchField(absl::StripPrefix(parts[1], "lenslet."), parts[3]);
  }
  if (parts.size() == 5 && parts[0] == "Unknown enumeration value of ") {
    location = TokenBefore(text, location);
    return NoSuchValue(parts[3], parts[1]);
  }
  if (parts.size() == 7 && parts[2] == " is specified along with field ") {
    location = TokenBefore(text, location);
    return absl::StrCat("a layer has one type, this one has \"", parts[3],
                        "\" and \"", parts[1], "\"");
  }
  if (parts.size() == 3 && parts[2] == " is specified multiple times.") {
    location = TokenBefore(text, location);
    return absl::StrCat("the field \"", parts[1],
                        "\" is there twice, and has one value");
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

std::string Place(absl::string_view file_name, const ParseLocation& location) {
  if (location.line < 0) return std::string(file_name);
  return absl::StrCat(file_name, ":", location.line + 1, ":",
                      location.column + 1);
}

}  // namespace

absl::StatusOr<ModelText> ParseModelText(absl::string_view text,
                                         absl::string_view file_name) {
  if (text.size() > kMaxModelTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_name, ": a model has at most ", kMaxModelTextBytes,
                     " bytes of text, this one has ", text.size()));
  }
  ModelText result;
  result.file_name = std::string(file_name);
  auto locations = std::make_unique<ParseInfoTree>();
  FirstError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(locations.get());
  ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, &result.model)) {
    ParseLocation location = error.location();
    const std::string reason = Reworded(error.message(), text, location);
    return absl::InvalidArgumentError(
        absl::StrCat(Place(file_name, location), ": ", Printable(reason)));
  }
  if (result.model.ByteSizeLong() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(Place(file_name, ParseLocation(0, 0)),
                     ": there is no model; expected input { ... } and layer { "
                     "... }, got nothing but white space and comments"));
  }
  result.locations = std::move(locations);
  return result;
}

std::string ModelToText(const ModelProto& model) {
  TextFormat::Printer printer;
  printer.SetUseShortRepeatedPrimitives(true);
  printer.SetHideUnknownFields(true);
  std::string text;
  LENSLET_CHECK(printer.PrintToString(model, &text));
  return text;
}

std::string PlaceOf(const ModelText& text, absl::Span<const FieldStep> path) {
  const Message* message = &text.model;
  const ParseInfoTree* tree = text.locations.get();
  ParseLocation place;
  for (const FieldStep& step : path) {
    if (tree == nullptr) break;
    const FieldDescriptor* field =
        message->GetDescriptor()->FindFieldByNumber(step.number);
    const google::protobuf::Reflection* reflection = message->GetReflection();
    int index = -1;
    if (field->is_repeated()) {
      // A list in brackets has one location for all of its entries.
      const int size = reflection->FieldSize(*message, field);
      if (step.index >= size) break;
      index = tree->GetLocation(field, size - 1).line < 0 ? 0 : step.index;
    }
    const ParseLocation location = tree->GetLocation(field, index);
    if (location.line < 0) break;
    place = location;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) break;
    tree = tree->GetTreeForNested(field, step.index);
    message = field->is_repeated()
                  ? &reflection->GetRepeatedMessage(*message, field, step.index)
                  : &reflection->GetMessage(*message, field);
  }
  return Place(text.file_name, place);
}

}  // namespace lenslet
