#include "lenslet/ops/squared_error/squared_error.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss_call.h"
#include "lenslet/ops/squared_error/squared_error_lanes.h"
#include "lenslet/ops/squared_error/squared_error_reference.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<LossKernel>> MakeSquaredError(
    Backend backend, const SquaredErrorSpec& spec, const Shape& scores) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, scores).status());
  switch (backend) {
    case Backend::kReference:
    case Backend::kXnnpack:
    case Backend::kDirect:  // Inference has no loss worth hurrying for.
      return MakeSquaredErrorReference(spec);
    case Backend::kLanes:
      return MakeSquaredErrorLanes(spec);
  }
  return absl::InternalError("unknown backend");
}

absl::StatusOr<Tensor> MeanSquaredError(const Tensor& x,
                                        absl::Span<const int32_t> labels,
                                        Backend backend) {
  LENSLET_RETURN_IF_ERROR(CheckLogitsAndLabels(x, labels));
  const int64_t classes = x.shape().dim(1);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<LossKernel> loss,
      MakeSquaredError(backend, {.classes = classes}, {classes}));
  return RunLossOnce(*loss, x, labels);
}

}  // namespace lenslet
