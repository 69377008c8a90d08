#include "lenslet/layers/concat.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/concat/concat.h"

namespace lenslet::layers {

absl::StatusOr<LayerInfo> Concat::Infer(absl::Span<const Shape> inputs) const {
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec_, inputs));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec_, inputs));
  const int channels = info.output.rank() - 1;
  // Along other axes, positions of inputs after the first are others.
  info.reach = spec_.axis.value_or(channels) == channels ? Reach::kPosition
                                                         : Reach::kAll;
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Concat::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t) const {
  return MakeConcatKernel(backend, spec_, inputs);
}

}  // namespace lenslet::layers
