#include "lenslet/onnx/onnx_file.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

// Of the format.
constexpr int kNewestIrVersion = 13;
// Files up to this version are ONNX files, if too new ones.
constexpr uint8_t kMaxIrVersion = 31;

// Version 6 differs from 7 in how numbers are added to channels.
constexpr int64_t kOldestOpset = 6;
// The newest version of the operators whose definitions were compared.
constexpr int64_t kNewestOpset = 22;

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

absl::StatusOr<onnx::ModelProto> ParseOnnx(absl::string_view bytes) {
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !model.has_graph()) {
    return absl::InvalidArgumentError(
        "is not an ONNX model, or is truncated or corrupted");
  }
  return model;
}

absl::StatusOr<int> OpsetOf(const onnx::ModelProto& model) {
  if (model.ir_version() > kNewestIrVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("its format (ir_version) has version ", model.ir_version(),
                     "; expected at most ", kNewestIrVersion));
  }
  int64_t opset = 1;
  bool is_stated = false;
  for (const onnx::OperatorSetIdProto& operators : model.opset_import()) {
    if (!operators.domain().empty() && operators.domain() != "ai.onnx") {
      continue;
    }
    if (is_stated && operators.version() != opset) {
      return absl::InvalidArgumentError(
          absl::StrCat("its operators have the versions ", opset, " and ",
                       operators.version(), "; expected one"));
    }
    opset = operators.version();
    is_stated = true;
  }
  if (opset < kOldestOpset || opset > kNewestOpset) {
    return absl::InvalidArgumentError(
        absl::StrCat("its operators have version ", opset, "; expected ",
                     kOldestOpset, " to ", kNewestOpset));
  }
  return static_cast<int>(opset);
}

}  // namespace lenslet
