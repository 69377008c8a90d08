#include "lenslet/base/proto_field.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "lenslet/base/field_names.h"
#include "lenslet/base/field_words.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A field's value as its text format has it. Strings may go without quotation
// marks.
std::string QuotedIfString(const FieldDescriptor& field,
                           absl::string_view value) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
      absl::StartsWith(value, "\"") || absl::StartsWith(value, "'")) {
    return std::string(value);
  }
  return absl::StrCat("\"", absl::CEscape(value), "\"");
}

// The fields that "data.idx.directory" names.
struct FieldPath {
  std::vector<const FieldDescriptor*> fields;
};

absl::StatusOr<FieldPath> FindField(const Descriptor& root,
                                    absl::string_view path,
                                    absl::string_view owner) {
  FieldPath result;
  const Descriptor* type = &root;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(result.fields.back()->name(), " has no fields"));
    }
    if (!result.fields.empty() && result.fields.back()->is_repeated()) {
      return absl::InvalidArgumentError(
          absl::StrCat(result.fields.back()->name(),
                       " is a list, which can only be set as a whole"));
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) {
      const std::string owner_has =
          !result.fields.empty()
              ? absl::StrCat(result.fields.back()->name(), " has")
          : owner.empty() ? absl::StrCat(PluralOf(root), " have")
                          : absl::StrCat(owner, " has");
      return absl::InvalidArgumentError(absl::StrCat(
          owner_has, " no field \"", name, "\"", SuggestField(name, *type)));
    }
    result.fields.push_back(field);
    type = field->message_type();
  }
  return result;
}

// The message that the last field of the path is in.
Message* ParentOf(const FieldPath& path, Message* message) {
  for (size_t i = 0; i + 1 < path.fields.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, path.fields[i]);
  }
  return message;
}

}  // namespace

absl::Status SetProtoField(absl::string_view path, absl::string_view value,
                           Message& message, absl::string_view owner) {
  LENSLET_ASSIGN_OR_RETURN(const FieldPath fields_to,
                           FindField(*message.GetDescriptor(), path, owner));
  const FieldDescriptor& field = *fields_to.fields.back();

  std::vector<absl::string_view> values = {value};
  if (field.is_repeated() &&
      field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE &&
      !absl::StartsWith(value, "[")) {
    values = absl::StrSplit(value, ',', absl::SkipEmpty());
  }
  // The text of the field alone, in a message of its parent's type, so that
  // what is not named stays.
  std::string text;
  for (const absl::string_view one : values) {
    absl::StrAppend(
        &text, field.name(),
        field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? " " : ": ",
        QuotedIfString(field, absl::StripAsciiWhitespace(one)), "\n");
  }
  const std::unique_ptr<Message> changed(message.New());
  changed->CopyFrom(message);
  Message* parent = ParentOf(fields_to, changed.get());
  const std::unique_ptr<Message> parsed(parent->New());
  TextLocations ignored;
  if (const absl::Status status = ParseProtoText(text, "", *parsed, ignored);
      !status.ok()) {
    // Without the place, which nobody sees: ":LINE:COLUMN: reason".
    const std::string message_text(status.message());
    return absl::InvalidArgumentError(
        message_text.substr(message_text.find(": ") + 2));
  }
  std::vector<const FieldDescriptor*> set;
  parsed->GetReflection()->ListFields(*parsed, &set);
  for (const FieldDescriptor* other : set) {
    if (other != &field) {
      return absl::InvalidArgumentError(
          absl::StrCat("the value also sets \"", other->name(),
                       "\"; set one field at a time"));
    }
  }
  parent->GetReflection()->ClearField(parent, &field);
  parent->MergeFrom(*parsed);
  message.CopyFrom(*changed);
  return absl::OkStatus();
}

}  // namespace lenslet
