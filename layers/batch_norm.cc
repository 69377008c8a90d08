#include "lenslet/layers/batch_norm.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/batch_norm/batch_norm.h"

namespace lenslet::layers {

absl::StatusOr<BatchNormSpec> BatchNorm::Spec(
    absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  const int rank = inputs[0].rank();
  if (rank == 0) {
    return absl::InvalidArgumentError(
        "input is one number, BatchNorm expects [..., channels]");
  }
  return BatchNormSpec{.channels = inputs[0].dim(rank - 1),
                       .epsilon = options_.epsilon,
                       .momentum = options_.momentum};
}

absl::StatusOr<LayerInfo> BatchNorm::Infer(
    absl::Span<const Shape> inputs) const {
  LENSLET_ASSIGN_OR_RETURN(const BatchNormSpec spec, Spec(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  // In inference.
  info.reach = Reach::kPosition;
  const Shape shape = {spec.channels};
  info.parameters = {
      {.name = "scale", .role = ParameterRole::kScale, .shape = shape},
      {.name = "bias", .role = ParameterRole::kBias, .shape = shape},
      {.name = "running_mean",
       .role = ParameterRole::kRunningMean,
       .shape = shape,
       .trainable = false},
      {.name = "running_variance",
       .role = ParameterRole::kRunningVariance,
       .shape = shape,
       .trainable = false}};
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> BatchNorm::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_ASSIGN_OR_RETURN(const BatchNormSpec spec, Spec(inputs));
  return MakeBatchNormKernel(backend, spec, inputs[0], images);
}

}  // namespace lenslet::layers
