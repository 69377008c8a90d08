// Checks messages against the rules of their fields without reflection, for
// programs with protobuf's lite runtime. base/field_rules.h does the same by
// reflection.

#ifndef LENSLET_BASE_LITE_FIELD_RULES_H_
#define LENSLET_BASE_LITE_FIELD_RULES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"
#include "lenslet/base/field_problem.h"

namespace lenslet {

struct LiteMessageType;

// The types of messages of .proto files. Immutable and thread-safe.
class LiteFieldRules {
 public:
  // From what protoc --descriptor_set_out writes for the files. All messages
  // and enums of their fields must be theirs. Numbers must be of the types
  // double, float, int32, int64, uint32 and uint64. Aborts otherwise.
  explicit LiteFieldRules(absl::string_view descriptor_set);
  LiteFieldRules(const LiteFieldRules&) = delete;
  LiteFieldRules& operator=(const LiteFieldRules&) = delete;
  ~LiteFieldRules();

  // As CheckFieldRules(), for a message of one of the types.
  std::vector<FieldProblem> Check(
      const google::protobuf::MessageLite& message) const;

  // The same for the message in the field `number` of `message`, which has one.
  // Paths start from `message`, names of fields from the message in it.
  std::vector<FieldProblem> CheckPart(
      const google::protobuf::MessageLite& message, int number) const;

  // As NumberOrDefault() and IntegerOrDefault().
  double NumberOrDefault(const google::protobuf::MessageLite& message,
                         int number) const;
  int64_t IntegerOrDefault(const google::protobuf::MessageLite& message,
                           int number) const;

 private:
  const LiteMessageType& TypeOf(
      const google::protobuf::MessageLite& message) const;

  std::map<std::string, LiteMessageType> types_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_LITE_FIELD_RULES_H_
