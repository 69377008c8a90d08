#include "layers/pool.h"

#include "base/status_macros.h"
#include "layers/spatial.h"
#include "ops/pool/pool.h"

namespace lenslet::layers {

absl::StatusOr<PoolSpec> Pool::SpecFor(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LENSLET_RETURN_IF_ERROR(
      CheckDimensions(type(), rank_, options_.kernel, inputs[0]));
  return Spec();
}

PoolSpec Pool::Spec() const {
  return PoolSpec{.kind = kind_,
                  .window = {.kernel = options_.kernel,
                             .stride = options_.stride,
                             .dilation = options_.dilation,
                             .padding = options_.padding},
                  .count_padding = options_.count_padding};
}

absl::StatusOr<LayerInfo> Pool::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  info.reach = Reach::kWindow;
  LENSLET_ASSIGN_OR_RETURN(info.window,
                           Resolve(spec.window, spec.window.kernel));
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Pool::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(inputs));
  return MakePoolKernel(backend, spec, inputs[0], images);
}

}  // namespace lenslet::layers
