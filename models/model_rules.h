// The rules of model.proto's fields. By reflection (base/field_rules.h), or,
// with protobuf's lite runtime, without (base/lite_field_rules.h).

#ifndef LENSLET_MODELS_MODEL_RULES_H_
#define LENSLET_MODELS_MODEL_RULES_H_

#include <cstdint>
#include <vector>

#include "google/protobuf/message_lite.h"
#include "lenslet/base/field_problem.h"

namespace lenslet {

// As CheckFieldRules() (base/field_rules.h), for a message of model.proto.
std::vector<FieldProblem> CheckModelRules(
    const google::protobuf::MessageLite& message);

// The same for the message in the field `number` of `message`, which has one.
// Paths start from `message`, names of fields from the message in it.
std::vector<FieldProblem> CheckModelRulesOfPart(
    const google::protobuf::MessageLite& message, int number);

// As NumberOrDefault() and IntegerOrDefault() (base/field_rules.h).
double ModelNumber(const google::protobuf::MessageLite& message, int number);
int64_t ModelInteger(const google::protobuf::MessageLite& message, int number);

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_RULES_H_
