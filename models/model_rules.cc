#include "lenslet/models/model_rules.h"

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lenslet/base/field_rules.h"

namespace lenslet {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageLite;

// With the full runtime, all messages are.
const Message& Full(const MessageLite& message) {
  return static_cast<const Message&>(message);
}

}  // namespace

std::vector<FieldProblem> CheckModelRules(const MessageLite& message) {
  return CheckFieldRules(Full(message));
}

std::vector<FieldProblem> CheckModelRulesOfPart(const MessageLite& message,
                                                int number) {
  const Message& whole = Full(message);
  std::vector<FieldProblem> problems =
      CheckFieldRules(whole.GetReflection()->GetMessage(
          whole, whole.GetDescriptor()->FindFieldByNumber(number)));
  for (FieldProblem& problem : problems) {
    problem.path.insert(problem.path.begin(), {.number = number});
  }
  return problems;
}

double ModelNumber(const MessageLite& message, int number) {
  return NumberOrDefault(Full(message), number);
}

int64_t ModelInteger(const MessageLite& message, int number) {
  return IntegerOrDefault(Full(message), number);
}

}  // namespace lenslet
