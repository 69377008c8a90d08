#include "ops/softmax_cross_entropy/softmax_cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ops/simple_call.h"
#include "ops/softmax_cross_entropy/softmax_cross_entropy_lanes.h"
#include "ops/softmax_cross_entropy/softmax_cross_entropy_reference.h"
#include "ops/softmax_cross_entropy/softmax_cross_entropy_xnnpack.h"
#include "tensor/lanes.h"

namespace lenslet {
namespace {

absl::Status CheckLogits(const Tensor& x) {
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, "[N, classes]", 2));
  if (x.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "x of shape ", x.shape().ToString(), " holds no elements"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SoftmaxCrossEntropy>> MakeSoftmaxCrossEntropy(
    Backend backend, const SoftmaxCrossEntropySpec& spec, const Shape& scores,
    int64_t images) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, scores).status());
  switch (backend) {
    case Backend::kReference:
    case Backend::kDirect:  // Inference has no loss worth hurrying for.
      return MakeSoftmaxCrossEntropyReference(spec.classes);
    case Backend::kXnnpack:
      return MakeSoftmaxCrossEntropyXnnpack(spec.classes, images);
    case Backend::kLanes:
      return MakeSoftmaxCrossEntropyLanes(spec.classes);
  }
  return absl::InternalError("unknown backend");
}

absl::StatusOr<Tensor> Softmax(const Tensor& x) {
  LENSLET_RETURN_IF_ERROR(CheckLogits(x));
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

absl::StatusOr<Tensor> CrossEntropy(const Tensor& x,
                                    absl::Span<const int32_t> labels,
                                    Backend backend) {
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
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<SoftmaxCrossEntropy> loss,
      MakeSoftmaxCrossEntropy(backend, {.classes = x.shape().dim(1)},
                              {x.shape().dim(1)}, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor losses, MakeOutput(images, Shape()));
  const float* scores = x.data();
  Tensor lanes;
  if (loss->layout() == Layout::kLanes) {
    const int64_t classes = x.shape().dim(1);
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

}  // namespace lenslet
