#include "lenslet/onnx/node_reader.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

using Attribute = onnx::AttributeProto;

// Early exporters left the type out; then the field that is set tells it.
bool Is(const Attribute& attribute, Attribute::AttributeType type,
        bool has_field) {
  return attribute.has_type() ? attribute.type() == type : has_field;
}

absl::Status WrongType(absl::string_view name, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(
      "its attribute ", name, " has another type; expected ", expected));
}

}  // namespace

const Attribute* NodeReader::Find(absl::string_view name) const {
  for (const Attribute& attribute : node_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

absl::StatusOr<int64_t> NodeReader::Int(absl::string_view name,
                                        int64_t otherwise) const {
  const Attribute* attribute = Find(name);
  if (attribute == nullptr) return otherwise;
  if (!Is(*attribute, Attribute::INT, attribute->has_i())) {
    return WrongType(name, "a whole number");
  }
  return attribute->i();
}

absl::StatusOr<float> NodeReader::Float(absl::string_view name,
                                        float otherwise) const {
  const Attribute* attribute = Find(name);
  if (attribute == nullptr) return otherwise;
  if (!Is(*attribute, Attribute::FLOAT, attribute->has_f())) {
    return WrongType(name, "a number");
  }
  return attribute->f();
}

absl::StatusOr<std::string> NodeReader::Text(
    absl::string_view name, const std::string& otherwise) const {
  const Attribute* attribute = Find(name);
  if (attribute == nullptr) return otherwise;
  if (!Is(*attribute, Attribute::STRING, attribute->has_s())) {
    return WrongType(name, "a text");
  }
  return attribute->s();
}

absl::StatusOr<std::vector<float>> NodeReader::Floats(
    absl::string_view name) const {
  const Attribute* attribute = Find(name);
  if (attribute == nullptr) return std::vector<float>();
  if (!Is(*attribute, Attribute::FLOATS, attribute->floats_size() > 0)) {
    return WrongType(name, "numbers");
  }
  return std::vector<float>(attribute->floats().begin(),
                            attribute->floats().end());
}

absl::StatusOr<std::vector<int64_t>> NodeReader::Ints(
    absl::string_view name, std::vector<int64_t> otherwise) const {
  const Attribute* attribute = Find(name);
  if (attribute == nullptr) return otherwise;
  if (!Is(*attribute, Attribute::INTS, attribute->ints_size() > 0)) {
    return WrongType(name, "whole numbers");
  }
  return std::vector<int64_t>(attribute->ints().begin(),
                              attribute->ints().end());
}

const onnx::TensorProto* NodeReader::Tensor(absl::string_view name) const {
  const Attribute* attribute = Find(name);
  return attribute != nullptr && attribute->has_t() ? &attribute->t() : nullptr;
}

const onnx::GraphProto* NodeReader::Graph(absl::string_view name) const {
  const Attribute* attribute = Find(name);
  return attribute != nullptr && attribute->has_g() ? &attribute->g() : nullptr;
}

}  // namespace lenslet
