#include "lenslet/layers/activation.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation.h"

namespace lenslet::layers {

absl::StatusOr<LayerInfo> Activation::Infer(
    absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LayerInfo info;
  info.reach = Reach::kPosition;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec_, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec_, inputs[0]));
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Activation::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return MakeActivationKernel(backend, spec_, inputs[0], images);
}

}  // namespace lenslet::layers
