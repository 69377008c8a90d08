#include "lenslet/base/field_words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lenslet/base/field_name.pb.h"
#include "lenslet/base/field_names.h"
#include "lenslet/base/field_rule.pb.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

bool IsRequired(const FieldDescriptor& field) {
  return field.options().GetExtension(rule).required();
}

// "relu {}", or "conv2d { ... }" if something must be inside.
std::string PlainBlock(const FieldDescriptor& field) {
  const Descriptor& type = *field.message_type();
  bool is_empty = true;
  for (int i = 0; i < type.field_count(); ++i) {
    if (IsRequired(*type.field(i))) is_empty = false;
  }
  return absl::StrCat(field.name(), is_empty ? " {}" : " { ... }");
}

// The field that a number without a name is likely to mean: the only one, or
// the only one that is required. Null if there is none.
const FieldDescriptor* MainNumber(const Descriptor& type) {
  const FieldDescriptor* main = nullptr;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field_count() > 1 && !IsRequired(*type.field(i))) continue;
    if (main != nullptr || !IsNumeric(*type.field(i))) return nullptr;
    main = type.field(i);
  }
  return main;
}

}  // namespace

std::string PluralOf(const Descriptor& type) {
  const std::string noun =
      absl::AsciiStrToLower(absl::StripSuffix(type.name(), "Proto"));
  return noun == "data" ? noun : absl::StrCat(noun, "s");
}

bool IsNumeric(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return true;
    default:
      return false;
  }
}

bool IsFloating(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
}

std::vector<std::string> ValueNames(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    names.push_back(type.value(i)->name());
  }
  return names;
}

std::string Takes(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return absl::StrCat(
          "a block: ", field.name(),
          field.message_type()->field_count() == 0 ? " {}" : " { ... }");
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_STRING:
      return "text in quotes";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("one of: ",
                          absl::StrJoin(ValueNames(*field.enum_type()), ", "));
    default:
      return IsFloating(field) ? "a number" : "a whole number";
  }
}

std::string ExampleOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true";
    case FieldDescriptor::CPPTYPE_STRING:
      return "\"...\"";
    case FieldDescriptor::CPPTYPE_ENUM:
      return field.enum_type()->value(0)->name();
    default:
      return IsFloating(field) ? "0.5" : "1";
  }
}

std::string ValueCalled(absl::string_view word, const EnumDescriptor& type) {
  for (const std::string& name : ValueNames(type)) {
    if (absl::EqualsIgnoreCase(name, word)) return name;
  }
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& options = type.value(i)->options();
    for (int j = 0; j < options.ExtensionSize(value_called); ++j) {
      if (IsSameName(options.GetExtension(value_called, j), word)) {
        return type.value(i)->name();
      }
    }
  }
  for (const std::string& name : ValueNames(type)) {
    if (absl::StartsWithIgnoreCase(name, absl::StrCat(word, "_"))) return name;
  }
  return "";
}

std::string BlockOf(const FieldDescriptor& field, absl::string_view word) {
  const Descriptor& type = *field.message_type();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& inside = *type.field(i);
    if (inside.enum_type() == nullptr || inside.is_repeated()) continue;
    const std::string value = ValueCalled(word, *inside.enum_type());
    if (value.empty()) continue;
    return absl::StrCat(field.name(), " { ", inside.name(), ": ", value, " }");
  }
  if (const FieldDescriptor* inside = FieldCalled(word, type);
      inside != nullptr && inside->message_type() != nullptr) {
    return absl::StrCat(field.name(), " { ", PlainBlock(*inside), " }");
  }
  double number = 0;
  if (const FieldDescriptor* main = MainNumber(type);
      main != nullptr && absl::SimpleAtod(word, &number)) {
    return absl::StrCat(field.name(), " { ", main->name(), ": ", word, " }");
  }
  return absl::StrCat(field.name(),
                      type.field_count() == 0 ? " {}" : " { ... }");
}

}  // namespace lenslet
