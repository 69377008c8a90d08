#include "lenslet/ops/loss/loss.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/hinge/hinge.h"
#include "lenslet/ops/loss/weighted_loss.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy.h"
#include "lenslet/ops/squared_error/squared_error.h"

namespace lenslet {
namespace {

absl::StatusOr<std::unique_ptr<LossKernel>> MakeUnweighted(Backend backend,
                                                           const LossSpec& spec,
                                                           const Shape& scores,
                                                           int64_t images) {
  const int64_t classes = scores.dim(0);
  switch (spec.kind) {
    case LossKind::kCrossEntropy:
      return MakeSoftmaxCrossEntropy(
          backend,
          {.classes = classes, .label_smoothing = spec.label_smoothing}, scores,
          images);
    case LossKind::kMeanSquaredError:
      return MakeSquaredError(backend, {.classes = classes}, scores);
    case LossKind::kHinge:
      return MakeHinge(backend, {.classes = classes, .margin = spec.margin},
                       scores);
  }
  return absl::InternalError("unknown loss");
}

}  // namespace

absl::StatusOr<std::unique_ptr<LossKernel>> MakeLoss(Backend backend,
                                                     const LossSpec& spec,
                                                     const Shape& scores,
                                                     int64_t images) {
  if (scores.rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "scores have shape ", scores.ToString(), ", [classes] is needed"));
  }
  LENSLET_RETURN_IF_ERROR(CheckLoss(spec, scores.dim(0)));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<LossKernel> loss,
                           MakeUnweighted(backend, spec, scores, images));
  if (spec.class_weights.empty()) return loss;
  return MakeWeightedLoss(std::move(loss), spec.class_weights);
}

}  // namespace lenslet
