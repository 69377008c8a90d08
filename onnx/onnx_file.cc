#include "lenslet/onnx/onnx_file.h"

#include <cstdint>

#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

// Of the format; 13 is the newest.
constexpr uint8_t kMaxIrVersion = 31;

// The byte that starts a field whose value has a length.
constexpr uint8_t FieldStart(int number) {
  return static_cast<uint8_t>(number << 3 | 2);
}

}  // namespace

bool IsOnnx(absl::string_view start) {
  using Model = onnx::ModelProto;
  if (start.size() < 3) return false;
  // A field with a number.
  constexpr uint8_t kVersionStart = Model::kIrVersionFieldNumber << 3;
  const auto byte = [&](int i) { return static_cast<uint8_t>(start[i]); };
  if (byte(0) != kVersionStart || byte(1) == 0 || byte(1) > kMaxIrVersion) {
    return false;
  }
  switch (byte(2)) {
    case FieldStart(Model::kProducerNameFieldNumber):
    case FieldStart(Model::kProducerVersionFieldNumber):
    case FieldStart(Model::kDomainFieldNumber):
    case FieldStart(Model::kDocStringFieldNumber):
    case FieldStart(Model::kGraphFieldNumber):
    case FieldStart(Model::kOpsetImportFieldNumber):
      return true;
    default:
      return false;
  }
}

}  // namespace lenslet
