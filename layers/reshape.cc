#include "lenslet/layers/reshape.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/reshape/reshape.h"

namespace lenslet::layers {

absl::StatusOr<LayerInfo> Reshape::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, ReshapedShape(shape_, inputs[0]));
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Reshape::MakeKernel(
    Backend, absl::Span<const Shape>, int64_t) const {
  return absl::UnimplementedError("Reshape computes nothing");
}

}  // namespace lenslet::layers
