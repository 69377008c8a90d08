// Checks a message against the rules of its fields, by whatever reads messages.

#ifndef LENSLET_BASE_FIELD_RULE_WALKER_H_
#define LENSLET_BASE_FIELD_RULE_WALKER_H_

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/field_problem.h"
#include "lenslet/base/field_rule_values.h"
#include "lenslet/base/text_format.h"

namespace lenslet {

enum class FieldKind { kNumber, kEnum, kMessage, kOther };

// CheckFieldRules() (base/field_rules.h). `Message` is a pointer, or like one,
// to what has these members:
//
//   int field_count();
//   Field field(int i);                // In the order of the .proto file.
//   int Count(Field);                  // 0 for an absent field.
//   Message MessageAt(Field, int i);   // i is 0, or the entry of a list.
//   int EnumAt(Field, int i);
//   double NumberAt(Field, int i);     // Also of an absent field.
//   std::string NumberText(Field, int i);
//
// where `Field` is a pointer, or like one, to what has these:
//
//   int number();
//   std::string name();
//   FieldKind kind();
//   bool is_repeated();
//   bool has_presence();
//   std::optional<FieldRuleValues> rule();
//   std::vector<std::pair<int, std::string>> enum_values();
class FieldRuleWalker {
 public:
  explicit FieldRuleWalker(absl::string_view prefix) : prefix_(prefix) {}

  template <typename Message>
  void Walk(const Message& message) {
    const int fields = message->field_count();
    for (int i = 0; i < fields; ++i) {
      const auto field = message->field(i);
      path_.push_back({.number = field->number()});
      names_.push_back(field->name());
      const std::optional<FieldRuleValues> rule = field->rule();
      const int count = message->Count(field);
      CheckPresence(*field, count, rule);
      if (field->is_repeated()) {
        for (int entry = 0; entry < count; ++entry) {
          path_.back().index = entry;
          CheckEntry(message, field, entry, /*is_absent=*/false, rule);
        }
      } else {
        CheckEntry(message, field, /*i=*/0, /*is_absent=*/count == 0, rule);
      }
      path_.pop_back();
      names_.pop_back();
    }
  }

  std::vector<FieldProblem> TakeProblems() { return std::move(problems_); }

 private:
  void Add(absl::string_view reason) {
    if (problems_.size() == kMaxProblems) return;
    std::string name;
    for (size_t i = 0; i < path_.size(); ++i) {
      absl::StrAppend(&name, i == 0 ? "" : ".", names_[i]);
      if (path_[i].index >= 0) absl::StrAppend(&name, "[", path_[i].index, "]");
    }
    problems_.push_back(
        {.path = path_, .message = absl::StrCat(prefix_, name, reason)});
  }

  template <typename Field>
  void CheckPresence(Field& field, int count,
                     const std::optional<FieldRuleValues>& rule) {
    if (!rule) return;
    if (count == 0) {
      if (rule->required) {
        Add(field.kind() == FieldKind::kNumber && !field.is_repeated()
                ? absl::StrCat(" is required: ", ExpectedNumber(*rule))
                : " is required");
      }
      return;
    }
    if (!field.is_repeated() || !rule->entries) return;
    if (count != *rule->entries) {
      Add(absl::StrCat(" has ", CountText(count, "number"), "; expected ",
                       *rule->entries));
    }
  }

  template <typename Message, typename Field>
  void CheckEntry(const Message& message, const Field& field, int i,
                  bool is_absent, const std::optional<FieldRuleValues>& rule) {
    switch (field->kind()) {
      case FieldKind::kMessage:
        if (!is_absent) Walk(message->MessageAt(field, i));
        break;
      case FieldKind::kEnum:
        CheckEnum(message->EnumAt(field, i), field->enum_values());
        break;
      case FieldKind::kNumber:
        // An absent number is its default. Without one, a field without
        // presence is 0.
        if (!rule || (is_absent && (field->has_presence() || rule->by_default ||
                                    rule->required))) {
          break;
        }
        if (const double number = message->NumberAt(field, i);
            !Fits(number, *rule)) {
          std::string expected = ExpectedNumber(*rule);
          // Infinity has its place in a range, too.
          if (std::isinf(number) && !absl::StartsWith(expected, "a finite")) {
            expected.replace(0, 1, "a finite");
          }
          Add(absl::StrCat(" is ", message->NumberText(field, i), "; expected ",
                           expected));
        }
        break;
      case FieldKind::kOther:
        break;
    }
  }

  void CheckEnum(int value,
                 const std::vector<std::pair<int, std::string>>& values) {
    std::string names;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].first == value) return;
      const bool is_last = i + 1 == values.size();
      absl::StrAppend(&names,
                      i == 0    ? ""
                      : is_last ? " or "
                                : ", ",
                      values[i].second);
    }
    Add(absl::StrCat(" is ", value, "; expected ", names));
  }

  const absl::string_view prefix_;
  std::vector<FieldStep> path_;
  std::vector<std::string> names_;
  std::vector<FieldProblem> problems_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_FIELD_RULE_WALKER_H_
