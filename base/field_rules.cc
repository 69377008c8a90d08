#include "lenslet/base/field_rules.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "lenslet/base/field_rule.pb.h"
#include "lenslet/base/text_format.h"

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
double NumberAt(const Message& message, const FieldDescriptor& field,
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
std::string NumberText(const Message& message, const FieldDescriptor& field,
                       int index) {
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

bool Fits(double number, const FieldRule& r) {
  return std::isfinite(number) && (!r.has_min() || number >= r.min()) &&
         (!r.has_above() || number > r.above()) &&
         (!r.has_max() || number <= r.max()) &&
         (!r.has_below() || number < r.below());
}

// "10" and not "1e+01"
std::string Text(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) {
    return absl::StrCat(static_cast<int64_t>(number));
  }
  return absl::StrCat(number);
}

// "a number in [0, 1)"
std::string Expected(const FieldRule& r) {
  const bool has_low = r.has_min() || r.has_above();
  const bool has_high = r.has_max() || r.has_below();
  const std::string low = Text(r.has_min() ? r.min() : r.above());
  const std::string high = Text(r.has_max() ? r.max() : r.below());
  std::string text;
  if (has_low && has_high) {
    text = absl::StrCat("a number in ", r.has_min() ? "[" : "(", low, ", ",
                        high, r.has_max() ? "]" : ")");
  } else if (r.has_min()) {
    text = absl::StrCat("a number of at least ", low);
  } else if (r.has_above()) {
    text = r.above() == 0 ? "a positive number"
                          : absl::StrCat("a number above ", low);
  } else if (has_high) {
    text = absl::StrCat("a number of ", r.has_max() ? "at most " : "less than ",
                        high);
  } else {
    text = "a finite number";
  }
  if (!r.unit().empty()) absl::StrAppend(&text, ", in ", r.unit());
  return text;
}

// "ZERO, REFLECT or REPLICATE"
std::string NamesOf(const google::protobuf::EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    const bool is_last = i + 1 == type.value_count();
    absl::StrAppend(&names,
                    i == 0    ? ""
                    : is_last ? " or "
                              : ", ",
                    type.value(i)->name());
  }
  return names;
}

class Walker {
 public:
  Walker(const Descriptor& type, absl::string_view prefix)
      : type_(type), prefix_(prefix) {}

  void Walk(const Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      path_.push_back({.number = field.number()});
      CheckPresence(message, field);
      if (field.is_repeated()) {
        const int count = message.GetReflection()->FieldSize(message, &field);
        for (int entry = 0; entry < count; ++entry) {
          path_.back().index = entry;
          CheckEntry(message, field, entry);
        }
      } else {
        CheckEntry(message, field, /*index=*/0);
      }
      path_.pop_back();
    }
  }

  std::vector<FieldProblem> TakeProblems() { return std::move(problems_); }

 private:
  void Add(absl::string_view reason) {
    if (problems_.size() == kMaxProblems) return;
    problems_.push_back(
        {.path = path_,
         .message = absl::StrCat(prefix_, FieldName(type_, path_), reason)});
  }

  static bool IsAbsent(const Message& message, const FieldDescriptor& field) {
    const Reflection& r = *message.GetReflection();
    return field.is_repeated() ? r.FieldSize(message, &field) == 0
                               : !r.HasField(message, &field);
  }

  void CheckPresence(const Message& message, const FieldDescriptor& field) {
    const FieldRule* r = RuleOf(field);
    if (r == nullptr) return;
    if (IsAbsent(message, field)) {
      if (r->required()) {
        Add(IsNumber(field) && !field.is_repeated()
                ? absl::StrCat(" is required: ", Expected(*r))
                : " is required");
      }
      return;
    }
    if (!field.is_repeated() || !r->has_entries()) return;
    const int count = message.GetReflection()->FieldSize(message, &field);
    if (count != r->entries()) {
      Add(absl::StrCat(" has ", CountText(count, "number"), "; expected ",
                       r->entries()));
    }
  }

  void CheckEntry(const Message& message, const FieldDescriptor& field,
                  int index) {
    const Reflection& reflection = *message.GetReflection();
    const bool list = field.is_repeated();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!list && !reflection.HasField(message, &field)) return;
      Walk(list ? reflection.GetRepeatedMessage(message, &field, index)
                : reflection.GetMessage(message, &field));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      const int value =
          list ? reflection.GetRepeatedEnumValue(message, &field, index)
               : reflection.GetEnumValue(message, &field);
      if (field.enum_type()->FindValueByNumber(value) == nullptr) {
        Add(absl::StrCat(" is ", value, "; expected ",
                         NamesOf(*field.enum_type())));
      }
    } else if (const FieldRule* r = RuleOf(field);
               r != nullptr && IsNumber(field)) {
      // An absent number is its default. Without one, a field without presence
      // is 0.
      if (!list && IsAbsent(message, field) &&
          (field.has_presence() || r->has_default_() || r->required())) {
        return;
      }
      const double number = NumberAt(message, field, index);
      if (!Fits(number, *r)) {
        std::string expected = Expected(*r);
        // Infinity has its place in a range, too.
        if (std::isinf(number) && !absl::StartsWith(expected, "a finite")) {
          expected.replace(0, 1, "a finite");
        }
        Add(absl::StrCat(" is ", NumberText(message, field, index),
                         "; expected ", expected));
      }
    }
  }

  const Descriptor& type_;
  const absl::string_view prefix_;
  std::vector<FieldStep> path_;
  std::vector<FieldProblem> problems_;
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
    std::string expected = IsNumber(field) ? Expected(*r) : "";
    if (field.is_repeated() && IsNumber(field)) {
      expected = absl::StrCat(
          r->has_entries() ? Text(static_cast<double>(r->entries())) : "a list",
          r->has_entries() ? " numbers: each " : ": each ", expected);
    }
    absl::StrAppend(&table, "| `", field_name, "` | ", expected, " | ",
                    r->required()       ? "required"
                    : r->has_default_() ? Text(r->default_())
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
  Walker walker(*message.GetDescriptor(), prefix);
  walker.Walk(message);
  return walker.TakeProblems();
}

double NumberOrDefault(const Message& message, int number) {
  const FieldDescriptor& field =
      *message.GetDescriptor()->FindFieldByNumber(number);
  const std::optional<double> by_default = DefaultOf(message, field);
  return by_default ? *by_default : NumberAt(message, field, /*index=*/0);
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
