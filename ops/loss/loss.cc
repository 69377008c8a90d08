#include "lenslet/ops/loss/loss.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss/kernels.h"
#include "lenslet/ops/simple_call.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

absl::StatusOr<std::unique_ptr<LossKernel>> MakeUnweighted(Backend backend,
                                                           const LossKind& kind,
                                                           int64_t classes,
                                                           int64_t images) {
  switch (backend) {
    case Backend::kReference:
    case Backend::kDirect:  // Inference has no loss worth hurrying for.
      return MakeReferenceLoss(kind, classes);
    case Backend::kXnnpack:
      return MakeXnnpackLoss(kind, classes, images);
    case Backend::kLanes:
      return MakeLanesLoss(kind, classes);
  }
  return absl::InternalError("unknown backend");
}

absl::Status CheckScores(const Tensor& x) {
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, "[N, classes]", 2));
  if (x.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "x of shape ", x.shape().ToString(), " holds no elements"));
  }
  return absl::OkStatus();
}

absl::Status CheckLabels(const Tensor& x, absl::Span<const int32_t> labels) {
  if (static_cast<int64_t>(labels.size()) != x.shape().dim(0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", labels.size(), " labels; expected ", x.shape().dim(0),
        ", one for each row of x of shape ", x.shape().ToString()));
  }
  for (size_t n = 0; n < labels.size(); ++n) {
    if (labels[n] < 0 || labels[n] >= x.shape().dim(1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("label ", n, " is ", labels[n],
                       "; expected a number in [0, ", x.shape().dim(1), ")"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<LossKernel>> MakeLossKernel(Backend backend,
                                                           const LossSpec& spec,
                                                           const Shape& scores,
                                                           int64_t images) {
  if (scores.rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "scores have shape ", scores.ToString(), "; expected [classes]"));
  }
  const int64_t classes = scores.dim(0);
  LENSLET_RETURN_IF_ERROR(CheckLoss(spec, classes));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<LossKernel> loss,
                           MakeUnweighted(backend, spec.kind, classes, images));
  if (spec.class_weights.empty()) return loss;
  return MakeWeightedLoss(std::move(loss), spec.class_weights);
}

absl::StatusOr<Tensor> ComputeLosses(const Tensor& x,
                                     absl::Span<const int32_t> labels,
                                     const LossSpec& spec, Backend backend) {
  LENSLET_RETURN_IF_ERROR(CheckScores(x));
  LENSLET_RETURN_IF_ERROR(CheckLabels(x, labels));
  const int64_t images = x.shape().dim(0);
  const int64_t classes = x.shape().dim(1);
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<LossKernel> loss,
                           MakeLossKernel(backend, spec, {classes}, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor losses, MakeOutput(images, Shape()));
  const float* scores = x.data();
  Tensor lanes;
  if (loss->layout() == Layout::kLanes) {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        Shape::Create({RoomForImages(Layout::kLanes, images), classes}));
    LENSLET_ASSIGN_OR_RETURN(lanes,
                             Tensor::Create(ElementType::kFloat32, shape));
    ImagesToLanes(images, classes, scores, lanes.data());
    scores = lanes.data();
  }
  loss->Run(images, scores, labels.data(), /*scale=*/1.0f, losses.data(),
            /*dx=*/nullptr);
  return losses;
}

absl::StatusOr<Tensor> Softmax(const Tensor& x) {
  LENSLET_RETURN_IF_ERROR(CheckScores(x));
  const int64_t classes = x.shape().dim(1);
  LENSLET_ASSIGN_OR_RETURN(Tensor p,
                           Tensor::Create(ElementType::kFloat32, x.shape()));
  for (int64_t n = 0; n < x.shape().dim(0); ++n) {
    const float* row = x.data() + n * classes;
    const double max = *std::max_element(row, row + classes);
    double sum = 0;
    for (int64_t k = 0; k < classes; ++k) sum += std::exp(row[k] - max);
    for (int64_t k = 0; k < classes; ++k) {
      p.data()[n * classes + k] =
          static_cast<float>(std::exp(row[k] - max) / sum);
    }
  }
  return p;
}

}  // namespace lenslet
