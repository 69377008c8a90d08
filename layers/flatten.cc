#include "lenslet/layers/flatten.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/reshape/reshape.h"

namespace lenslet::layers {

absl::StatusOr<LayerInfo> Flatten::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return LayerInfo{.output = FlattenedShape(inputs[0])};
}

absl::StatusOr<std::unique_ptr<Kernel>> Flatten::MakeKernel(
    Backend, absl::Span<const Shape>, int64_t) const {
  return absl::UnimplementedError("Flatten computes nothing");
}

}  // namespace lenslet::layers
