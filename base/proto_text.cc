#include "lenslet/base/proto_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "lenslet/base/check.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_fault.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::io::ArrayInputStream;

using ParseInfoTree = TextFormat::ParseInfoTree;
using ParseLocation = TextFormat::ParseLocation;

// Keeps the place of the first error, not its message, which speaks to
// programmers.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string&) override {
    if (location_.line < 0) location_ = ParseLocation(line, column);
  }

  const ParseLocation& location() const { return location_; }

 private:
  ParseLocation location_;
};

// "LayerProto" is a layer.
std::string Noun(const Descriptor& type) {
  return absl::AsciiStrToLower(absl::StripSuffix(type.name(), "Proto"));
}

TextPlace PlaceOf(const ParseLocation& location) {
  if (location.line < 0) return {};
  return {.line = location.line + 1, .column = location.column + 1};
}

// Of a text that TextFormat rejects at `location`.
TextProblem ProblemOf(absl::string_view text, const Descriptor& type,
                      const ParseLocation& location) {
  std::optional<TextFault> fault = FindBinary(text);
  if (!fault) fault = FindTextFault(text, type);
  if (!fault) {
    return {.place = PlaceOf(location),
            .message = "this is not in protobuf's text format"};
  }
  return {.place = TextPlaces(text).PlaceOf(fault->offset),
          .message = Printable(fault->message)};
}

}  // namespace

absl::string_view WithoutByteOrderMark(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  return text;
}

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
  text = WithoutByteOrderMark(text);
  auto tree = std::make_unique<ParseInfoTree>();
  FirstError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(tree.get());
  ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, &message)) {
    return ProblemOf(text, *message.GetDescriptor(), error.location());
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
