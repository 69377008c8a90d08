#include "lenslet/predict/trained_inputs.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lenslet/base/printable.h"

namespace lenslet {

TrainedInputs TrainedInputsOf(const Dataset& dataset) {
  return {.type = dataset.examples->type(),
          .names = dataset.input_names,
          .other_columns = dataset.other_columns};
}

absl::Status CheckTrainedInputs(const TrainedInputs& trained,
                                const Dataset& dataset) {
  const ElementType type = dataset.examples->type();
  if (trained.type.has_value() && type != *trained.type) {
    return absl::InvalidArgumentError(
        absl::StrCat("has examples of type ", Name(type), "; expected ",
                     Name(*trained.type), ", as the model was trained on"));
  }
  const std::vector<std::string>& names = dataset.input_names;
  if (trained.names.empty() || names.empty() || names == trained.names) {
    return absl::OkStatus();
  }
  if (names.size() != trained.names.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", names.size(), " columns of inputs; expected ",
                     trained.names.size(), ", as the model was trained on"));
  }
  const auto [name, expected] =
      std::mismatch(names.begin(), names.end(), trained.names.begin());
  return absl::InvalidArgumentError(absl::StrCat(
      "has \"", Printable(*name), "\" as column ",
      static_cast<int64_t>(name - names.begin()) + 1, " of the inputs; ",
      "expected \"", Printable(*expected),
      "\", as the model was trained on: the same columns in the same order"));
}

TrainedInputs TrainedInputsFromCheckpoint(const CheckpointProto& checkpoint) {
  const TrainedInputsProto& proto = checkpoint.inputs();
  TrainedInputs inputs = {.names = {proto.name().begin(), proto.name().end()},
                          .other_columns = {proto.other_column().begin(),
                                            proto.other_column().end()}};
  switch (proto.type()) {
    case TrainedInputsProto::UINT8:
      inputs.type = ElementType::kUint8;
      break;
    case TrainedInputsProto::FLOAT32:
      inputs.type = ElementType::kFloat32;
      break;
    default:
      break;
  }
  return inputs;
}

void TrainedInputsToCheckpoint(const TrainedInputs& inputs,
                               CheckpointProto& checkpoint) {
  checkpoint.clear_inputs();
  if (!inputs.type.has_value() && inputs.names.empty()) return;
  TrainedInputsProto& proto = *checkpoint.mutable_inputs();
  proto.mutable_name()->Assign(inputs.names.begin(), inputs.names.end());
  proto.mutable_other_column()->Assign(inputs.other_columns.begin(),
                                       inputs.other_columns.end());
  if (!inputs.type.has_value()) return;
  proto.set_type(*inputs.type == ElementType::kUint8
                     ? TrainedInputsProto::UINT8
                     : TrainedInputsProto::FLOAT32);
}

}  // namespace lenslet
