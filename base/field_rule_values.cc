#include "lenslet/base/field_rule_values.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace lenslet {

bool Fits(double number, const FieldRuleValues& rule) {
  return std::isfinite(number) && (!rule.min || number >= *rule.min) &&
         (!rule.above || number > *rule.above) &&
         (!rule.max || number <= *rule.max) &&
         (!rule.below || number < *rule.below);
}

std::string PlainNumber(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) {
    return absl::StrCat(static_cast<int64_t>(number));
  }
  return absl::StrCat(number);
}

std::string ExpectedNumber(const FieldRuleValues& rule) {
  const bool has_low = rule.min || rule.above;
  const bool has_high = rule.max || rule.below;
  const std::string low =
      PlainNumber(rule.min ? *rule.min : rule.above.value_or(0));
  const std::string high =
      PlainNumber(rule.max ? *rule.max : rule.below.value_or(0));
  std::string text;
  if (has_low && has_high) {
    text = absl::StrCat("a number in ", rule.min ? "[" : "(", low, ", ", high,
                        rule.max ? "]" : ")");
  } else if (rule.min) {
    text = absl::StrCat("a number of at least ", low);
  } else if (rule.above) {
    text = *rule.above == 0 ? "a positive number"
                            : absl::StrCat("a number above ", low);
  } else if (has_high) {
    text = absl::StrCat("a number of ", rule.max ? "at most " : "less than ",
                        high);
  } else {
    text = "a finite number";
  }
  if (!rule.unit.empty()) absl::StrAppend(&text, ", in ", rule.unit);
  return text;
}

}  // namespace lenslet
