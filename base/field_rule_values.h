// The rule of a field (base/field_rule.proto) without protobuf, and what errors
// say about it.

#ifndef LENSLET_BASE_FIELD_RULE_VALUES_H_
#define LENSLET_BASE_FIELD_RULE_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>

namespace lenslet {

// The fields of FieldRule.
struct FieldRuleValues {
  std::optional<double> min;
  std::optional<double> above;
  std::optional<double> max;
  std::optional<double> below;
  std::optional<double> by_default;
  bool required = false;
  std::optional<int64_t> entries;
  std::string unit;
};

// Whether a number is finite and in the rule's range.
bool Fits(double number, const FieldRuleValues& rule);

// What numbers fit: "a number in [0, 1), in degrees".
std::string ExpectedNumber(const FieldRuleValues& rule);

// "10" and not "1e+01"
std::string PlainNumber(double number);

}  // namespace lenslet

#endif  // LENSLET_BASE_FIELD_RULE_VALUES_H_
