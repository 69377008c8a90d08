// What the fields of messages take, in words for errors about texts.

#ifndef LENSLET_BASE_FIELD_WORDS_H_
#define LENSLET_BASE_FIELD_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace lenslet {

// What messages of a type are called: "recipes" for RecipeProto.
std::string PluralOf(const google::protobuf::Descriptor& type);

bool IsNumeric(const google::protobuf::FieldDescriptor& field);
bool IsFloating(const google::protobuf::FieldDescriptor& field);

// "a whole number", "text in quotes", "one of: SGD, ADAM", "a block: part { ...
// }"
std::string Takes(const google::protobuf::FieldDescriptor& field);

// A value of a field that is no message, for an example.
std::string ExampleOf(const google::protobuf::FieldDescriptor& field);

// The names of an enum's values.
std::vector<std::string> ValueNames(
    const google::protobuf::EnumDescriptor& type);

// The name of the value that a word stands for, in any case, is also called, or
// begins: ADAM for adam, KAIMING_NORMAL for he_normal, XAVIER_UNIFORM for
// xavier. "" if there is none.
std::string ValueCalled(absl::string_view word,
                        const google::protobuf::EnumDescriptor& type);

// What to write for a message field that was given the value `word`:
// "optimizer { kind: ADAM }" for adam, "dropout { rate: 0.5 }" for 0.5; else
// "optimizer { ... }".
std::string BlockOf(const google::protobuf::FieldDescriptor& field,
                    absl::string_view word);

}  // namespace lenslet

#endif  // LENSLET_BASE_FIELD_WORDS_H_
