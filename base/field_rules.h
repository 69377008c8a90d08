// Checks protobuf messages against the rules of their fields, which .proto
// files state (base/field_rule.proto).

#ifndef LENSLET_BASE_FIELD_RULES_H_
#define LENSLET_BASE_FIELD_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lenslet/base/field_problem.h"
#include "lenslet/base/proto_text.h"

namespace lenslet {

// Returns the name of the field at `path`, which starts from a message of type
// `type`: "schedule.step.gamma", "layer_rule[1].layer".
std::string FieldName(const google::protobuf::Descriptor& type,
                      const std::vector<FieldStep>& path);

// Returns a problem for every field of `message`, and of the messages in it,
// that breaks its rule. Returns at most kMaxProblems, in the order of the
// .proto file. Paths start from `message`. Does not check fields of absent
// messages. The value of an enum must be a known one. Errors put `prefix`, such
// as "data.", before the names of fields.
std::vector<FieldProblem> CheckFieldRules(
    const google::protobuf::Message& message, absl::string_view prefix = "");

// Returns the value of the numeric field of `message` whose field number is
// `number`. If the field is absent, returns the default of its rule, or 0
// without one. The field must not be a list.
double NumberOrDefault(const google::protobuf::Message& message, int number);
// The same for an int64 field, exactly.
int64_t IntegerOrDefault(const google::protobuf::Message& message, int number);

// Returns a Markdown table of all fields with rules, in messages of type `type`
// and the messages in them. Its columns are the name, the expected values and
// the default. If several fields have the same type of message, the table has
// this type once.
std::string FieldTable(const google::protobuf::Descriptor& type);

}  // namespace lenslet

#endif  // LENSLET_BASE_FIELD_RULES_H_
