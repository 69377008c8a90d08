// The rules of fields, which stand in .proto files (base/field_rule.proto).

#ifndef LENSLET_BASE_FIELD_RULES_H_
#define LENSLET_BASE_FIELD_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lenslet/base/proto_text.h"

namespace lenslet {

// A field that breaks its rule.
struct FieldProblem {
  std::vector<FieldStep> path;  // From the message that was checked.
  // "data.noise is 2; expected a number in [0, 1]"
  std::string message;
};

// The name of the field at `path` from a message of type `type`:
// "schedule.step.gamma", "layer_rule[1].layer".
std::string FieldName(const google::protobuf::Descriptor& type,
                      const std::vector<FieldStep>& path);

// Every field of `message`, and of the messages in it, that breaks its rule, in
// the order of the .proto file. Fields of absent messages are not checked. An
// enum must have a value with a name. `prefix` stands before the names of
// fields: "data.".
std::vector<FieldProblem> CheckFieldRules(
    const google::protobuf::Message& message, absl::string_view prefix = "");

// The number in a field of `message`, which is not a list; if it is absent, the
// default of the field's rule, else 0.
double NumberOrDefault(const google::protobuf::Message& message, int number);
// The same for an int64 field, exactly.
int64_t IntegerOrDefault(const google::protobuf::Message& message, int number);

// The fields of messages of type `type`, and of the messages in them, that have
// a rule, as the rows of a Markdown table: name, what is expected, default.
std::string FieldTable(const google::protobuf::Descriptor& type);

}  // namespace lenslet

#endif  // LENSLET_BASE_FIELD_RULES_H_
