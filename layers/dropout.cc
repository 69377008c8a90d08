#include "lenslet/layers/dropout.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/dropout/dropout.h"

namespace lenslet::layers {

absl::StatusOr<LayerInfo> Dropout::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec_, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec_, inputs[0]));
  info.reach = Reach::kPosition;
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Dropout::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return MakeDropoutKernel(backend, spec_, inputs[0], images);
}

}  // namespace lenslet::layers
