#include "lenslet/base/field_rules.h"

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "lenslet/base/field_rule.pb.h"
#include "lenslet/base/field_rule_values.h"
#include "lenslet/base/field_rule_walker.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

const FieldRule* RuleOf(const FieldDescriptor& field) {
  return field.options().HasExtension(rule)
             ? &field.options().GetExtension(rule)
             : nullptr;
}

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return true;
    default:
      return false;
  }
}

// Of a numeric field, or of entry `index` of a list.
double ReflectedNumber(const Message& message, const FieldDescriptor& field,
                       int index) {
  const Reflection& r = *message.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return list ? r.GetRepeatedInt32(message, &field, index)
                  : r.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(
          list ? r.GetRepeatedInt64(message, &field, index)
               : r.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return list ? r.GetRepeatedUInt32(message, &field, index)
                  : r.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(
          list ? r.GetRepeatedUInt64(message, &field, index)
               : r.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return list ? r.GetRepeatedFloat(message, &field, index)
                  : r.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return list ? r.GetRepeatedDouble(message, &field, index)
                  : r.GetDouble(message, &field);
    default:
      return 0;
  }
}

// The number as it was written, with all digits of an integer.
std::string ReflectedNumberText(const Message& message,
                                const FieldDescriptor& field, int index) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(
      message, &field, field.is_repeated() ? index : -1, &text);
  return text;
}

// The default of a field that is absent, if its rule has one.
std::optional<double> DefaultOf(const Message& message,
                                const FieldDescriptor& field) {
  const FieldRule* r = RuleOf(field);
  if (r == nullptr || !r->has_default_() ||
      message.GetReflection()->HasField(message, &field)) {
    return {};
  }
  return r->default_();
}

FieldRuleValues ValuesOf(const FieldRule& r) {
  FieldRuleValues values;
  values.required = r.required();
  values.unit = r.unit();
  if (r.has_min()) values.min = r.min();
  if (r.has_above()) values.above = r.above();
  if (r.has_max()) values.max = r.max();
  if (r.has_below()) values.below = r.below();
  if (r.has_default_()) values.by_default = r.default_();
  if (r.has_entries()) values.entries = r.entries();
  return values;
}

// For FieldRuleWalker.
class ReflectedField {
 public:
  explicit ReflectedField(const FieldDescriptor& field) : field_(field) {}

  const ReflectedField* operator->() const { return this; }
  const ReflectedField& operator*() const { return *this; }

  const FieldDescriptor& descriptor() const { return field_; }
  int number() const { return field_.number(); }
  std::string name() const { return field_.name(); }
  bool is_repeated() const { return field_.is_repeated(); }
  bool has_presence() const { return field_.has_presence(); }

  FieldKind kind() const {
    if (IsNumber(field_)) return FieldKind::kNumber;
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_ENUM:
        return FieldKind::kEnum;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return FieldKind::kMessage;
      default:
        return FieldKind::kOther;
    }
  }

  std::optional<FieldRuleValues> rule() const {
    const FieldRule* const rule = RuleOf(field_);
    if (rule == nullptr) return std::nullopt;
    return ValuesOf(*rule);
  }

  std::vector<std::pair<int, std::string>> enum_values() const {
    std::vector<std::pair<int, std::string>> values;
    const google::protobuf::EnumDescriptor& type = *field_.enum_type();
    for (int i = 0; i < type.value_count(); ++i) {
      values.emplace_back(type.value(i)->number(), type.value(i)->name());
    }
    return values;
  }

 private:
  const FieldDescriptor& field_;
};

class ReflectedMessage {
 public:
  explicit ReflectedMessage(const Message& message)
      : message_(message), reflection_(*message.GetReflection()) {}

  const ReflectedMessage* operator->() const { return this; }

  int field_count() const { return message_.GetDescriptor()->field_count(); }
  ReflectedField field(int i) const {
    return ReflectedField(*message_.GetDescriptor()->field(i));
  }
  int Count(const ReflectedField& field) const {
    const FieldDescriptor* const f = &field.descriptor();
    return f->is_repeated() ? reflection_.FieldSize(message_, f)
                            : reflection_.HasField(message_, f);
  }
  ReflectedMessage MessageAt(const ReflectedField& field, int i) const {
    const FieldDescriptor* const f = &field.descriptor();
    return ReflectedMessage(f->is_repeated()
                                ? reflection_.GetRepeatedMessage(message_, f, i)
                                : reflection_.GetMessage(message_, f));
  }
  int EnumAt(const ReflectedField& field, int i) const {
    const FieldDescriptor* const f = &field.descriptor();
    return f->is_repeated() ? reflection_.GetRepeatedEnumValue(message_, f, i)
                            : reflection_.GetEnumValue(message_, f);
  }
  double NumberAt(const ReflectedField& field, int i) const {
    return ReflectedNumber(message_, field.descriptor(), i);
  }
  std::string NumberText(const ReflectedField& field, int i) const {
    return ReflectedNumberText(message_, field.descriptor(), i);
  }

 private:
  const Message& message_;
  const Reflection& reflection_;
};

void AppendRows(const Descriptor& type, const std::string& name,
                std::set<const Descriptor*>& done, std::string& table) {
  if (!done.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string field_name = absl::StrCat(name, field.name());
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AppendRows(*field.message_type(), absl::StrCat(field_name, "."), done,
                 table);
      continue;
    }
    const FieldRule* r = RuleOf(field);
    if (r == nullptr) continue;
    std::string expected = IsNumber(field) ? ExpectedNumber(ValuesOf(*r)) : "";
    if (field.is_repeated() && IsNumber(field)) {
      expected = absl::StrCat(
          r->has_entries() ? absl::StrCat(r->entries()) : "a list",
          r->has_entries() ? " numbers: each " : ": each ", expected);
    }
    absl::StrAppend(&table, "| `", field_name, "` | ", expected, " | ",
                    r->required()       ? "required"
                    : r->has_default_() ? PlainNumber(r->default_())
                                        : "",
                    " |\n");
  }
}

}  // namespace

std::string FieldName(const Descriptor& type,
                      const std::vector<FieldStep>& path) {
  std::string name;
  const Descriptor* message = &type;
  for (const FieldStep& step : path) {
    const FieldDescriptor* field = message->FindFieldByNumber(step.number);
    absl::StrAppend(&name, name.empty() ? "" : ".", field->name());
    if (step.index >= 0) absl::StrAppend(&name, "[", step.index, "]");
    message = field->message_type();
  }
  return name;
}

std::vector<FieldProblem> CheckFieldRules(const Message& message,
                                          absl::string_view prefix) {
  FieldRuleWalker walker(prefix);
  walker.Walk(ReflectedMessage(message));
  return walker.TakeProblems();
}

double NumberOrDefault(const Message& message, int number) {
  const FieldDescriptor& field =
      *message.GetDescriptor()->FindFieldByNumber(number);
  const std::optional<double> by_default = DefaultOf(message, field);
  return by_default ? *by_default
                    : ReflectedNumber(message, field, /*index=*/0);
}

int64_t IntegerOrDefault(const Message& message, int number) {
  const FieldDescriptor& field =
      *message.GetDescriptor()->FindFieldByNumber(number);
  const std::optional<double> by_default = DefaultOf(message, field);
  return by_default ? static_cast<int64_t>(*by_default)
                    : message.GetReflection()->GetInt64(message, &field);
}

std::string FieldTable(const Descriptor& type) {
  std::string table = "| field | expected | default |\n| --- | --- | --- |\n";
  std::set<const Descriptor*> done;
  AppendRows(type, "", done, table);
  return table;
}

}  // namespace lenslet
