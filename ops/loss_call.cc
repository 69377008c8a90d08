#include "lenslet/ops/loss_call.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/simple_call.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

absl::Status CheckScores(absl::string_view loss, int64_t classes,
                         const Shape& scores) {
  if (classes < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        loss, " over ", classes, " classes, at least 1 is needed"));
  }
  if (scores != Shape({classes})) {
    return absl::InvalidArgumentError(
        absl::StrCat("scores have shape ", scores.ToString(), ", ", classes,
                     " classes need [", classes, "]"));
  }
  return absl::OkStatus();
}

absl::Status CheckLogits(const Tensor& x) {
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, "[N, classes]", 2));
  if (x.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "x of shape ", x.shape().ToString(), " holds no elements"));
  }
  return absl::OkStatus();
}

absl::Status CheckLogitsAndLabels(const Tensor& x,
                                  absl::Span<const int32_t> labels) {
  LENSLET_RETURN_IF_ERROR(CheckLogits(x));
  if (static_cast<int64_t>(labels.size()) != x.shape().dim(0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        labels.size(), " labels for x of shape ", x.shape().ToString(),
        ", which has ", x.shape().dim(0), " rows"));
  }
  for (size_t n = 0; n < labels.size(); ++n) {
    if (labels[n] < 0 || labels[n] >= x.shape().dim(1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("label ", n, " is ", labels[n], ", which is not in [0, ",
                       x.shape().dim(1), ")"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> RunLossOnce(LossKernel& loss, const Tensor& x,
                                   absl::Span<const int32_t> labels) {
  const int64_t images = x.shape().dim(0);
  const int64_t classes = x.shape().dim(1);
  LENSLET_ASSIGN_OR_RETURN(Tensor losses, MakeOutput(images, Shape()));
  const float* scores = x.data();
  Tensor lanes;
  if (loss.layout() == Layout::kLanes) {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        Shape::Create({RoomForImages(Layout::kLanes, images), classes}));
    LENSLET_ASSIGN_OR_RETURN(lanes,
                             Tensor::Create(ElementType::kFloat32, shape));
    ImagesToLanes(images, classes, scores, lanes.data());
    scores = lanes.data();
  }
  loss.Run(images, scores, labels.data(), /*scale=*/1.0f, losses.data(),
           /*dx=*/nullptr);
  return losses;
}

}  // namespace lenslet
