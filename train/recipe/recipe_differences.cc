#include "lenslet/train/recipe/recipe_differences.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace lenslet {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

constexpr char kDefault[] = "default";

// A step into a message of a message.
struct Step {
  const FieldDescriptor* field;
  int index = -1;  // Of a repeated field.
};

// What has a value of its own: a field that is no message, or which message of
// a oneof there is.
struct Leaf {
  std::vector<Step> steps;  // From the recipe to the message.
  const FieldDescriptor* field = nullptr;
  const OneofDescriptor* oneof = nullptr;
};

// Numbers and indices from the recipe on, which put leaves in order.
using Leaves = std::map<std::vector<int>, Leaf>;

std::vector<int> Key(const std::vector<Step>& steps, int number) {
  std::vector<int> key;
  for (const Step& step : steps) {
    key.push_back(step.field->number());
    key.push_back(step.index);
  }
  key.push_back(number);
  return key;
}

// Adds the leaves that `message` has, to which `steps` lead.
void Collect(const Message& message, std::vector<Step>& steps, Leaves& leaves) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  const auto step_into = [&](const Step& step, const Message& child) {
    steps.push_back(step);
    Collect(child, steps, leaves);
    steps.pop_back();
  };
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      leaves[Key(steps, field->number())] = {.steps = steps, .field = field};
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        step_into({.field = field, .index = i},
                  reflection.GetRepeatedMessage(message, field, i));
      }
    } else {
      if (const OneofDescriptor* oneof = field->real_containing_oneof()) {
        leaves[Key(steps, oneof->field(0)->number())] = {.steps = steps,
                                                         .oneof = oneof};
      }
      step_into({.field = field}, reflection.GetMessage(message, field));
    }
  }
}

std::string FieldText(const Message& message, const FieldDescriptor* field,
                      int index) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, field, index,
                                                        &text);
  return text;
}

std::string ListText(const Message& message, const FieldDescriptor* field) {
  const int size = message.GetReflection()->FieldSize(message, field);
  if (size == 0) return kDefault;
  std::string text = "[";
  for (int i = 0; i < size; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", FieldText(message, field, i));
  }
  return text + "]";
}

std::string SingleText(const Message& message, const FieldDescriptor* field) {
  if (message.GetReflection()->HasField(message, field)) {
    return FieldText(message, field, -1);
  }
  if (field->real_containing_oneof() != nullptr) return "";
  // 0 may stand for another number; false and an enum's first are themselves.
  const bool is_itself = field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM ||
                         field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  return is_itself && !field->has_presence() ? FieldText(message, field, -1)
                                             : kDefault;
}

std::string Value(const RecipeProto& recipe, const Leaf& leaf) {
  const Message* message = &recipe;
  for (const Step& step : leaf.steps) {
    const Reflection& reflection = *message->GetReflection();
    if (step.field->is_repeated()) {
      if (step.index >= reflection.FieldSize(*message, step.field)) return "";
      message =
          &reflection.GetRepeatedMessage(*message, step.field, step.index);
    } else {
      if (step.field->real_containing_oneof() != nullptr &&
          !reflection.HasField(*message, step.field)) {
        return "";
      }
      message = &reflection.GetMessage(*message, step.field);
    }
  }
  if (leaf.oneof != nullptr) {
    const FieldDescriptor* field =
        message->GetReflection()->GetOneofFieldDescriptor(*message, leaf.oneof);
    return field == nullptr ? kDefault : field->name();
  }
  return leaf.field->is_repeated() ? ListText(*message, leaf.field)
                                   : SingleText(*message, leaf.field);
}

std::string PathText(const Leaf& leaf) {
  std::string path;
  for (const Step& step : leaf.steps) {
    absl::StrAppend(&path, step.field->name());
    if (step.index >= 0) absl::StrAppend(&path, "[", step.index, "]");
    path += '.';
  }
  return path +
         (leaf.oneof != nullptr ? leaf.oneof->name() : leaf.field->name());
}

}  // namespace

std::vector<FieldDifference> RecipeDifferences(
    absl::Span<const RecipeProto> recipes) {
  Leaves leaves;
  for (const RecipeProto& recipe : recipes) {
    std::vector<Step> steps;
    Collect(recipe, steps, leaves);
  }
  std::vector<FieldDifference> differences;
  for (const auto& [key, leaf] : leaves) {
    FieldDifference difference = {.path = PathText(leaf), .values = {}};
    for (const RecipeProto& recipe : recipes) {
      difference.values.push_back(Value(recipe, leaf));
    }
    const std::vector<std::string>& values = difference.values;
    if (std::any_of(values.begin(), values.end(),
                    [&](const std::string& v) { return v != values[0]; })) {
      differences.push_back(std::move(difference));
    }
  }
  return differences;
}

}  // namespace lenslet
