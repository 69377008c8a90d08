#include "lenslet/ops/hinge/hinge.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/hinge/hinge_lanes.h"
#include "lenslet/ops/hinge/hinge_reference.h"
#include "lenslet/ops/loss_call.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<LossKernel>> MakeHinge(Backend backend,
                                                      const HingeSpec& spec,
                                                      const Shape& scores) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, scores).status());
  switch (backend) {
    case Backend::kReference:
    case Backend::kXnnpack:
    case Backend::kDirect:  // Inference has no loss worth hurrying for.
      return MakeHingeReference(spec);
    case Backend::kLanes:
      return MakeHingeLanes(spec);
  }
  return absl::InternalError("unknown backend");
}

absl::StatusOr<Tensor> HingeLoss(const Tensor& x,
                                 absl::Span<const int32_t> labels,
                                 double margin, Backend backend) {
  LENSLET_RETURN_IF_ERROR(CheckLogitsAndLabels(x, labels));
  const int64_t classes = x.shape().dim(1);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<LossKernel> loss,
      MakeHinge(backend, {.classes = classes, .margin = margin}, {classes}));
  return RunLossOnce(*loss, x, labels);
}

}  // namespace lenslet
