#include "layers/pool2d.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ops/pool/pool.h"

namespace lenslet::layers {

absl::StatusOr<PoolSpec> Pool2d::SpecFor(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  if (options_.kernel.rank() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("kernel ", options_.kernel.ToString(), " has ",
                     options_.kernel.rank(), " numbers, ", type(), " needs 2"));
  }
  if (inputs[0].rank() != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", inputs[0].ToString(), ", ", type(),
                     " expects [height, width, channels]"));
  }
  return Spec();
}

PoolSpec Pool2d::Spec() const {
  return PoolSpec{.kind = kind_,
                  .window = {.kernel = options_.kernel,
                             .stride = options_.stride,
                             .dilation = options_.dilation,
                             .padding = options_.padding},
                  .count_padding = options_.count_padding};
}

absl::StatusOr<LayerInfo> Pool2d::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Pool2d::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(inputs));
  return MakePoolKernel(backend, spec, inputs[0], images);
}

}  // namespace lenslet::layers
