#include "lenslet/train/recipe/recipe_field_checks.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace lenslet {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string NameOf(const FieldPath& path) {
  std::string name;
  const Descriptor* type = RecipeProto::descriptor();
  for (const FieldStep& step : path) {
    const FieldDescriptor* field = type->FindFieldByNumber(step.number);
    absl::StrAppend(&name, name.empty() ? "" : ".", field->name());
    if (step.index >= 0) absl::StrAppend(&name, "[", step.index, "]");
    type = field->message_type();
  }
  return name;
}

FieldPath Join(FieldPath path, FieldStep step) {
  path.push_back(step);
  return path;
}

void RecipeFieldChecks::Add(const FieldPath& path, const std::string& message) {
  problems_.push_back({.path = path, .message = message});
}

void RecipeFieldChecks::Check(const FieldPath& path, double value,
                              const Range& range) {
  const bool fits =
      std::isfinite(value) &&
      (range.above_min ? value > range.min : value >= range.min) &&
      (range.below_max ? value < range.max : value <= range.max);
  if (!fits) {
    Add(path,
        absl::StrCat(NameOf(path), " is ", value, "; expected ", range.text));
  }
}

void RecipeFieldChecks::CheckUnlessZero(const FieldPath& path, double value,
                                        const Range& range) {
  if (value != 0) Check(path, value, range);
}

void RecipeFieldChecks::CheckEnum(
    const FieldPath& path, int value,
    const google::protobuf::EnumDescriptor* type) {
  if (type->FindValueByNumber(value) == nullptr) {
    Add(path, absl::StrCat(NameOf(path), " is ", value,
                           "; expected the name of one, such as ",
                           type->value(0)->name()));
  }
}

void RecipeFieldChecks::CheckNeeded(const FieldPath& path, bool is_there) {
  if (!is_there) Add(path, absl::StrCat(NameOf(path), " is needed"));
}

void RecipeFieldChecks::CheckSizes(
    const FieldPath& path,
    const google::protobuf::RepeatedField<int64_t>& sizes, int count) {
  if (count > 0 && sizes.size() != count) {
    Add(path, absl::StrCat(NameOf(path), " has ", sizes.size(),
                           " numbers; expected ", count));
  }
  for (int i = 0; i < sizes.size(); ++i) {
    const int number = path.back().number;
    FieldPath entry(path.begin(), path.end() - 1);
    entry.push_back({.number = number, .index = i});
    Check(entry, sizes[i], kAtLeastOne);
  }
}

}  // namespace lenslet
