#include "lenslet/layers/layer.h"

#include "absl/strings/str_cat.h"
#include "lenslet/layers/layer_kinds.h"

namespace lenslet {

std::string Layer::type() const {
  return std::visit([](const auto& layer) { return TypeOf(layer); }, spec_);
}

std::string Layer::Details() const {
  return std::visit([](const auto& layer) { return DetailsOf(layer); }, spec_);
}

absl::StatusOr<LayerInfo> Layer::Infer(absl::Span<const Shape> inputs) const {
  return std::visit(
      [&](const auto& layer) { return lenslet::Infer(layer, inputs); }, spec_);
}

absl::Status Layer::CheckForAnyShape(int inputs) const {
  // An error about an input's sizes names them. So an error that has the same
  // words for two different inputs is not about them.
  for (int rank = 1; rank <= Shape::kMaxRank - 1; ++rank) {
    const auto infer = [&](int64_t size) {
      const Shape shape =
          Shape::Create(std::vector<int64_t>(rank, rank > 2 ? size / 10 : size))
              .value();
      return Infer(std::vector<Shape>(inputs, shape)).status();
    };
    const absl::Status status = infer(840);
    if (status.ok()) return status;
    const absl::Status other = infer(1260);
    if (other.ok() || status == other) return other;
  }
  return absl::OkStatus();
}

bool Layer::IsReshape(bool training) const {
  return std::holds_alternative<FlattenLayer>(spec_) ||
         std::holds_alternative<ReshapeLayer>(spec_) ||
         (std::holds_alternative<DropoutSpec>(spec_) && !training);
}

absl::StatusOr<std::unique_ptr<Kernel>> Layer::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images,
    const Epilogue& epilogue, bool exact) const {
  return std::visit(
      [&](const auto& layer) -> KernelOr {
        if constexpr (requires {
                        lenslet::MakeKernel(layer, backend, inputs, images,
                                            epilogue, exact);
                      }) {
          return lenslet::MakeKernel(layer, backend, inputs, images, epilogue,
                                     exact);
        } else if constexpr (requires {
                               lenslet::MakeKernel(layer, backend, inputs,
                                                   images, epilogue);
                             }) {
          return lenslet::MakeKernel(layer, backend, inputs, images, epilogue);
        } else if (!epilogue.empty()) {
          return absl::UnimplementedError(
              absl::StrCat("the kernel of ", TypeOf(layer),
                           " cannot compute an epilogue; expected none"));
        } else {
          return lenslet::MakeKernel(layer, backend, inputs, images);
        }
      },
      spec_);
}

Epilogue EpilogueOf(const Layer& layer) {
  if (const auto* activation = std::get_if<ActivationSpec>(&layer.spec())) {
    if (GradientFromOutput(activation->kind)) {
      return {.activation = *activation};
    }
  } else if (const auto* pool = std::get_if<PoolLayer>(&layer.spec())) {
    if (pool->spec.kind != PoolKind::kSoftmax) return {.pool = pool->spec};
  }
  return {};
}

absl::string_view KernelName(const Layer& layer, Backend backend) {
  return std::holds_alternative<CustomLayer>(layer.spec()) ? "custom"
                                                           : Name(backend);
}

absl::Status CheckOneInput(Shapes inputs) {
  if (inputs.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", inputs.size(), " inputs; expected 1"));
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
