#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss_call.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_lanes.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_reference.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_xnnpack.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<LossKernel>> MakeSoftmaxCrossEntropy(
    Backend backend, const SoftmaxCrossEntropySpec& spec, const Shape& scores,
    int64_t images) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, scores).status());
  switch (backend) {
    case Backend::kReference:
    case Backend::kDirect:  // Inference has no loss worth hurrying for.
      return MakeSoftmaxCrossEntropyReference(spec);
    case Backend::kXnnpack:
      return MakeSoftmaxCrossEntropyXnnpack(spec, images);
    case Backend::kLanes:
      return MakeSoftmaxCrossEntropyLanes(spec);
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
  LENSLET_RETURN_IF_ERROR(CheckLogitsAndLabels(x, labels));
  const int64_t classes = x.shape().dim(1);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<LossKernel> loss,
      MakeSoftmaxCrossEntropy(backend, {.classes = classes}, {classes},
                              x.shape().dim(0)));
  return RunLossOnce(*loss, x, labels);
}

}  // namespace lenslet
