// Guesses which field of a message an unknown name stands for.

#ifndef LENSLET_BASE_FIELD_NAMES_H_
#define LENSLET_BASE_FIELD_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace lenslet {

// Returns the field of `type` that has the name or is also called so
// (base/field_name.proto). Case and "_" do not matter. Null if there is none.
const google::protobuf::FieldDescriptor* FieldCalled(
    absl::string_view name, const google::protobuf::Descriptor& type);

// Returns the end of an error message about a field that `type` does not have:
// * "; TEXT" if the type has a hint about the name (base/field_name.proto),
// * "; did you mean \"FIELD\"?" if a field is called so,
// * else "".
std::string SuggestKnownField(absl::string_view name,
                              const google::protobuf::Descriptor& type);

// As SuggestKnownField(), but always has an end:
// * "; write it in its block: BLOCK { FIELD: ... }" if a message in the type
// has the field,
// * "; did you mean \"FIELD\"?" if the name is nearly that of a field
// (base/nearest_name.h),
// * else "; expected one of: FIELD, FIELD, ...", or, of many fields, where they
// are listed, or ", which has no fields".
std::string SuggestField(absl::string_view name,
                         const google::protobuf::Descriptor& type);

// Returns what the field's value_hint says of a text, with or without quotes,
// that is given as its value; "" if there is none.
std::string HintAboutValue(absl::string_view text,
                           const google::protobuf::FieldDescriptor& field);

// Whether two names differ in case and "_" only.
bool IsSameName(absl::string_view a, absl::string_view b);

}  // namespace lenslet

#endif  // LENSLET_BASE_FIELD_NAMES_H_
