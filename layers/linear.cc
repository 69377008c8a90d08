#include "lenslet/layers/linear.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/linear/linear.h"

namespace lenslet::layers {

absl::StatusOr<LinearSpec> Linear::Spec(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  const int rank = inputs[0].rank();
  if (rank == 0) {
    return absl::InvalidArgumentError(
        "input is one number, Linear expects [..., features]");
  }
  return LinearSpec{.input_features = options_.input_features.value_or(
                        inputs[0].dim(rank - 1)),
                    .output_features = options_.output_features,
                    .has_bias = options_.has_bias};
}

absl::StatusOr<LayerInfo> Linear::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_ASSIGN_OR_RETURN(const LinearSpec spec, Spec(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const Shape weight, WeightShape(spec));
  info.parameters =
      WeightAndBias(weight, /*fan_in=*/spec.input_features,
                    /*fan_out=*/spec.output_features, spec.has_bias,
                    spec.output_features, options_.trainable);
  if (inputs[0].rank() > 1) info.reach = Reach::kPosition;
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Linear::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_ASSIGN_OR_RETURN(const LinearSpec spec, Spec(inputs));
  return MakeLinearKernel(backend, spec, inputs[0], images);
}

absl::StatusOr<std::unique_ptr<Kernel>> Linear::MakeFusedKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images,
    const Epilogue& epilogue) const {
  LENSLET_ASSIGN_OR_RETURN(const LinearSpec spec, Spec(inputs));
  return MakeLinearKernel(backend, spec, inputs[0], images, epilogue);
}

std::shared_ptr<const Layer> Linear::WithBias() const {
  LinearOptions options = options_;
  options.has_bias = true;
  return std::make_shared<Linear>(options);
}

}  // namespace lenslet::layers
