#include "lenslet/base/lite_field_rules.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/strutil.h"
#include "google/protobuf/wire_format_lite.h"
#include "lenslet/base/check.h"
#include "lenslet/base/field_rule_values.h"
#include "lenslet/base/field_rule_walker.h"

namespace lenslet {

using google::protobuf::MessageLite;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Of a field, what FieldRuleWalker asks for.
struct LiteField {
  int number() const { return field_number; }
  const std::string& name() const { return field_name; }
  bool is_repeated() const { return repeated; }
  bool has_presence() const { return presence; }
  FieldKind kind() const;
  const std::optional<FieldRuleValues>& rule() const { return field_rule; }
  const std::vector<std::pair<int, std::string>>& enum_values() const {
    return values;
  }

  int field_number = 0;
  std::string field_name;
  WireFormatLite::FieldType type = WireFormatLite::TYPE_DOUBLE;
  std::string type_name;  // ".lenslet.ModelProto"
  bool repeated = false;
  bool presence = false;
  std::optional<FieldRuleValues> field_rule;
  // Of an enum or a message.
  std::vector<std::pair<int, std::string>> values;
  const LiteMessageType* message_type = nullptr;
};

struct LiteMessageType {
  const LiteField& FieldOfNumber(int number) const {
    size_t i = 0;
    while (i < fields.size() && fields[i].field_number != number) ++i;
    LENSLET_CHECK(i < fields.size());
    return fields[i];
  }

  std::vector<LiteField> fields;
};

namespace {

// One value of a field, as the wire has it.
struct LiteValue {
  double AsDouble() const {
    double number;
    std::memcpy(&number, &bits, sizeof(number));
    return number;
  }
  float AsFloat() const {
    const uint32_t low = static_cast<uint32_t>(bits);
    float number;
    std::memcpy(&number, &low, sizeof(number));
    return number;
  }

  int number = 0;  // Of the field.
  WireFormatLite::WireType type = WireFormatLite::WIRETYPE_VARINT;
  uint64_t bits = 0;
  absl::string_view bytes = {};
};

// The values of a message, in any order. The bytes are protobuf's own.
std::vector<LiteValue> ValuesIn(absl::string_view bytes) {
  CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data()),
                          static_cast<int>(bytes.size()));
  std::vector<LiteValue> values;
  while (const uint32_t tag = stream.ReadTag()) {
    LiteValue value = {.number = WireFormatLite::GetTagFieldNumber(tag),
                       .type = WireFormatLite::GetTagWireType(tag)};
    uint32_t word = 0;
    bool is_right = true;
    switch (value.type) {
      case WireFormatLite::WIRETYPE_VARINT:
        is_right = stream.ReadVarint64(&value.bits);
        break;
      case WireFormatLite::WIRETYPE_FIXED64:
        is_right = stream.ReadLittleEndian64(&value.bits);
        break;
      case WireFormatLite::WIRETYPE_FIXED32:
        is_right = stream.ReadLittleEndian32(&word);
        value.bits = word;
        break;
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        is_right = stream.ReadVarint32(&word);
        value.bytes = bytes.substr(stream.CurrentPosition(), word);
        is_right = is_right && stream.Skip(static_cast<int>(word));
        break;
      default:
        is_right = WireFormatLite::SkipField(&stream, tag);
    }
    LENSLET_CHECK(is_right);
    values.push_back(value);
  }
  return values;
}

bool IsNumberType(WireFormatLite::FieldType type) {
  switch (type) {
    case WireFormatLite::TYPE_DOUBLE:
    case WireFormatLite::TYPE_FLOAT:
    case WireFormatLite::TYPE_INT32:
    case WireFormatLite::TYPE_INT64:
    case WireFormatLite::TYPE_UINT32:
    case WireFormatLite::TYPE_UINT64:
      return true;
    default:
      return false;
  }
}

// The numbers of a list, which the wire has as one value.
void AppendPacked(const LiteField& field, const LiteValue& packed,
                  std::vector<LiteValue>& values) {
  CodedInputStream stream(reinterpret_cast<const uint8_t*>(packed.bytes.data()),
                          static_cast<int>(packed.bytes.size()));
  while (stream.CurrentPosition() < static_cast<int>(packed.bytes.size())) {
    LiteValue value = {.number = packed.number};
    uint32_t word = 0;
    bool is_right;
    if (field.type == WireFormatLite::TYPE_DOUBLE) {
      is_right = stream.ReadLittleEndian64(&value.bits);
    } else if (field.type == WireFormatLite::TYPE_FLOAT) {
      is_right = stream.ReadLittleEndian32(&word);
      value.bits = word;
    } else {
      is_right = stream.ReadVarint64(&value.bits);
    }
    LENSLET_CHECK(is_right);
    values.push_back(value);
  }
}

// For FieldRuleWalker.
class LiteMessage {
 public:
  LiteMessage(const LiteMessageType& type, absl::string_view bytes)
      : type_(type) {
    for (const LiteValue& value : ValuesIn(bytes)) {
      const LiteField* field = nullptr;
      for (const LiteField& known : type.fields) {
        if (known.field_number == value.number) field = &known;
      }
      // A later version's.
      if (field == nullptr) continue;
      const bool is_packable =
          IsNumberType(field->type) || field->type == WireFormatLite::TYPE_ENUM;
      if (value.type == WireFormatLite::WireTypeForFieldType(field->type)) {
        values_.push_back(value);
      } else if (field->repeated && is_packable &&
                 value.type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        AppendPacked(*field, value, values_);
      }
      // Others are no value of the field: protobuf keeps them as unknown.
    }
  }

  const LiteMessage* operator->() const { return this; }

  int field_count() const { return static_cast<int>(type_.fields.size()); }
  const LiteField* field(int i) const { return &type_.fields[i]; }

  int Count(const LiteField* field) const {
    int count = 0;
    for (const LiteValue& value : values_) {
      count += value.number == field->field_number;
    }
    return count;
  }

  LiteMessage MessageAt(const LiteField* field, int i) const {
    return LiteMessage(*field->message_type, ValueAt(field, i).bytes);
  }

  int EnumAt(const LiteField* field, int i) const {
    return static_cast<int>(ValueAt(field, i).bits);
  }

  double NumberAt(const LiteField* field, int i) const {
    const LiteValue value = ValueAt(field, i);
    switch (field->type) {
      case WireFormatLite::TYPE_DOUBLE:
        return value.AsDouble();
      case WireFormatLite::TYPE_FLOAT:
        return value.AsFloat();
      case WireFormatLite::TYPE_UINT32:
      case WireFormatLite::TYPE_UINT64:
        return static_cast<double>(value.bits);
      default:
        return static_cast<double>(static_cast<int64_t>(value.bits));
    }
  }

  std::string NumberText(const LiteField* field, int i) const {
    const LiteValue value = ValueAt(field, i);
    switch (field->type) {
      case WireFormatLite::TYPE_DOUBLE:
        return google::protobuf::SimpleDtoa(value.AsDouble());
      case WireFormatLite::TYPE_FLOAT:
        return google::protobuf::SimpleFtoa(value.AsFloat());
      case WireFormatLite::TYPE_UINT32:
      case WireFormatLite::TYPE_UINT64:
        return absl::StrCat(value.bits);
      default:
        return absl::StrCat(static_cast<int64_t>(value.bits));
    }
  }

  // Of an absent field, 0.
  LiteValue ValueAt(const LiteField* field, int i) const {
    for (const LiteValue& value : values_) {
      if (value.number == field->field_number && i-- == 0) return value;
    }
    return {};
  }

 private:
  const LiteMessageType& type_;
  std::vector<LiteValue> values_;
};

// The numbers of the fields of google/protobuf/descriptor.proto and of
// base/field_rule.proto: what protoc writes is read by them.
constexpr int kFileOfSet = 1;
constexpr int kPackageOfFile = 2, kMessageOfFile = 4, kEnumOfFile = 5;
constexpr int kNameOfAny = 1;
constexpr int kFieldOfMessage = 2, kMessageOfMessage = 3, kEnumOfMessage = 4;
constexpr int kNumberOfField = 3, kLabelOfField = 4, kTypeOfField = 5,
              kTypeNameOfField = 6, kOptionsOfField = 8, kOneofOfField = 9;
constexpr uint64_t kRepeatedLabel = 3;
constexpr int kValueOfEnum = 2, kNumberOfValue = 2;
constexpr int kRuleOfOptions = 50001;
constexpr int kMinOfRule = 1, kAboveOfRule = 2, kMaxOfRule = 3,
              kBelowOfRule = 4, kDefaultOfRule = 5, kRequiredOfRule = 6,
              kEntriesOfRule = 7, kUnitOfRule = 8;

using Enums = std::map<std::string, std::vector<std::pair<int, std::string>>>;
using Messages = std::map<std::string, LiteMessageType>;

absl::string_view NameIn(const std::vector<LiteValue>& values) {
  for (const LiteValue& value : values) {
    if (value.number == kNameOfAny) return value.bytes;
  }
  return "";
}

FieldRuleValues RuleFrom(absl::string_view bytes) {
  FieldRuleValues rule;
  for (const LiteValue& value : ValuesIn(bytes)) {
    switch (value.number) {
      case kMinOfRule:
        rule.min = value.AsDouble();
        break;
      case kAboveOfRule:
        rule.above = value.AsDouble();
        break;
      case kMaxOfRule:
        rule.max = value.AsDouble();
        break;
      case kBelowOfRule:
        rule.below = value.AsDouble();
        break;
      case kDefaultOfRule:
        rule.by_default = value.AsDouble();
        break;
      case kRequiredOfRule:
        rule.required = value.bits != 0;
        break;
      case kEntriesOfRule:
        rule.entries = static_cast<int64_t>(value.bits);
        break;
      case kUnitOfRule:
        rule.unit = std::string(value.bytes);
        break;
    }
  }
  return rule;
}

LiteField FieldFrom(absl::string_view bytes) {
  LiteField field;
  for (const LiteValue& value : ValuesIn(bytes)) {
    switch (value.number) {
      case kNameOfAny:
        field.field_name = std::string(value.bytes);
        break;
      case kNumberOfField:
        field.field_number = static_cast<int>(value.bits);
        break;
      case kLabelOfField:
        field.repeated = value.bits == kRepeatedLabel;
        break;
      case kTypeOfField:
        field.type = static_cast<WireFormatLite::FieldType>(value.bits);
        break;
      case kTypeNameOfField:
        field.type_name = std::string(value.bytes);
        break;
      case kOptionsOfField:
        for (const LiteValue& option : ValuesIn(value.bytes)) {
          if (option.number == kRuleOfOptions) {
            field.field_rule = RuleFrom(option.bytes);
          }
        }
        break;
      // An optional field is in a oneof by itself.
      case kOneofOfField:
        field.presence = true;
        break;
    }
  }
  field.presence |= field.kind() == FieldKind::kMessage && !field.repeated;
  return field;
}

void AddEnum(const std::string& scope, absl::string_view bytes, Enums& enums) {
  const std::vector<LiteValue> values = ValuesIn(bytes);
  auto& names = enums[absl::StrCat(scope, ".", NameIn(values))];
  for (const LiteValue& value : values) {
    if (value.number != kValueOfEnum) continue;
    const std::vector<LiteValue> parts = ValuesIn(value.bytes);
    int number = 0;
    for (const LiteValue& part : parts) {
      if (part.number == kNumberOfValue) number = static_cast<int>(part.bits);
    }
    names.emplace_back(number, std::string(NameIn(parts)));
  }
}

void AddMessage(const std::string& scope, absl::string_view bytes,
                Messages& messages, Enums& enums) {
  const std::vector<LiteValue> values = ValuesIn(bytes);
  const std::string name = absl::StrCat(scope, ".", NameIn(values));
  LiteMessageType& type = messages[name];
  for (const LiteValue& value : values) {
    switch (value.number) {
      case kFieldOfMessage:
        type.fields.push_back(FieldFrom(value.bytes));
        break;
      case kMessageOfMessage:
        AddMessage(name, value.bytes, messages, enums);
        break;
      case kEnumOfMessage:
        AddEnum(name, value.bytes, enums);
        break;
    }
  }
}

}  // namespace

FieldKind LiteField::kind() const {
  switch (type) {
    case WireFormatLite::TYPE_MESSAGE:
      return FieldKind::kMessage;
    case WireFormatLite::TYPE_ENUM:
      return FieldKind::kEnum;
    case WireFormatLite::TYPE_BOOL:
    case WireFormatLite::TYPE_BYTES:
    case WireFormatLite::TYPE_STRING:
      return FieldKind::kOther;
    default:
      LENSLET_CHECK(IsNumberType(type));
      return FieldKind::kNumber;
  }
}

LiteFieldRules::LiteFieldRules(absl::string_view descriptor_set) {
  Enums enums;
  for (const LiteValue& file : ValuesIn(descriptor_set)) {
    if (file.number != kFileOfSet) continue;
    const std::vector<LiteValue> values = ValuesIn(file.bytes);
    std::string package;
    for (const LiteValue& value : values) {
      if (value.number == kPackageOfFile) {
        package = absl::StrCat(".", value.bytes);
      }
    }
    for (const LiteValue& value : values) {
      if (value.number == kMessageOfFile) {
        AddMessage(package, value.bytes, types_, enums);
      } else if (value.number == kEnumOfFile) {
        AddEnum(package, value.bytes, enums);
      }
    }
  }
  for (auto& [name, type] : types_) {
    for (LiteField& field : type.fields) {
      if (field.kind() == FieldKind::kMessage) {
        field.message_type = &types_.at(field.type_name);
      } else if (field.kind() == FieldKind::kEnum) {
        field.values = enums.at(field.type_name);
      }
    }
  }
}

LiteFieldRules::~LiteFieldRules() = default;

const LiteMessageType& LiteFieldRules::TypeOf(
    const MessageLite& message) const {
  return types_.at(absl::StrCat(".", message.GetTypeName()));
}

std::vector<FieldProblem> LiteFieldRules::Check(
    const MessageLite& message) const {
  const std::string bytes = message.SerializeAsString();
  FieldRuleWalker walker("");
  walker.Walk(LiteMessage(TypeOf(message), bytes));
  return walker.TakeProblems();
}

std::vector<FieldProblem> LiteFieldRules::CheckPart(const MessageLite& message,
                                                    int number) const {
  const std::string bytes = message.SerializeAsString();
  const LiteMessageType& type = TypeOf(message);
  const LiteMessage whole(type, bytes);
  FieldRuleWalker walker("");
  walker.Walk(whole.MessageAt(&type.FieldOfNumber(number), 0));
  std::vector<FieldProblem> problems = walker.TakeProblems();
  for (FieldProblem& problem : problems) {
    problem.path.insert(problem.path.begin(), {.number = number});
  }
  return problems;
}

double LiteFieldRules::NumberOrDefault(const MessageLite& message,
                                       int number) const {
  const std::string bytes = message.SerializeAsString();
  const LiteMessageType& type = TypeOf(message);
  const LiteMessage values(type, bytes);
  const LiteField* const field = &type.FieldOfNumber(number);
  if (values.Count(field) == 0 && field->field_rule &&
      field->field_rule->by_default) {
    return *field->field_rule->by_default;
  }
  return values.NumberAt(field, 0);
}

int64_t LiteFieldRules::IntegerOrDefault(const MessageLite& message,
                                         int number) const {
  const std::string bytes = message.SerializeAsString();
  const LiteMessageType& type = TypeOf(message);
  const LiteMessage values(type, bytes);
  const LiteField* const field = &type.FieldOfNumber(number);
  if (values.Count(field) == 0 && field->field_rule &&
      field->field_rule->by_default) {
    return static_cast<int64_t>(*field->field_rule->by_default);
  }
  return static_cast<int64_t>(values.ValueAt(field, 0).bits);
}

}  // namespace lenslet
