#include "lenslet/layers/layer.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<Kernel>> Layer::MakeFusedKernel(
    Backend, absl::Span<const Shape>, int64_t, const Epilogue&) const {
  return absl::UnimplementedError(
      absl::StrCat(std::string(type()), " computes nothing besides itself"));
}

absl::Status CheckOneInput(absl::Span<const Shape> inputs) {
  if (inputs.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", inputs.size(), " inputs, expected 1"));
  }
  return absl::OkStatus();
}

std::vector<ParameterInfo> WeightAndBias(const Shape& weight, int64_t fan_in,
                                         int64_t fan_out, bool has_bias,
                                         int64_t outputs, bool trainable) {
  std::vector<ParameterInfo> parameters = {{.name = "weight",
                                            .role = ParameterRole::kWeight,
                                            .shape = weight,
                                            .fan_in = fan_in,
                                            .fan_out = fan_out,
                                            .trainable = trainable}};
  if (has_bias) {
    parameters.push_back({.name = "bias",
                          .role = ParameterRole::kBias,
                          .shape = {outputs},
                          .fan_in = fan_in,
                          .fan_out = fan_out,
                          .trainable = trainable});
  }
  return parameters;
}

}  // namespace lenslet
