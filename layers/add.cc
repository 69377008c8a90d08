#include "lenslet/layers/add.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/add/add.h"

namespace lenslet::layers {

absl::StatusOr<LayerInfo> Add::Infer(absl::Span<const Shape> inputs) const {
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, AddShape(inputs));
  LENSLET_ASSIGN_OR_RETURN(info.cost, AddCost(inputs));
  info.reach = Reach::kPosition;
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Add::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t) const {
  return MakeAddKernel(backend, inputs);
}

}  // namespace lenslet::layers
