#include "lenslet/base/lite_field_rules.h"
#include "lenslet/models/model_descriptor.h"
#include "lenslet/models/model_rules.h"

namespace lenslet {
namespace {

using google::protobuf::MessageLite;

// Read once: they are part of the program.
const LiteFieldRules& Rules() {
  static const LiteFieldRules* const rules =
      new LiteFieldRules(ModelDescriptor());
  return *rules;
}

}  // namespace

std::vector<FieldProblem> CheckModelRules(const MessageLite& message) {
  return Rules().Check(message);
}

std::vector<FieldProblem> CheckModelRulesOfPart(const MessageLite& message,
                                                int number) {
  return Rules().CheckPart(message, number);
}

double ModelNumber(const MessageLite& message, int number) {
  return Rules().NumberOrDefault(message, number);
}

int64_t ModelInteger(const MessageLite& message, int number) {
  return Rules().IntegerOrDefault(message, number);
}

}  // namespace lenslet
