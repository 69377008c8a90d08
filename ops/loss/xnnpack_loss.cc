#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss/kernels.h"
#include "lenslet/ops/xnnpack.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The loss needs log s, which XNNPACK keeps to itself; but the largest
// probability is 1 / s and at least 1 / classes, so log s = -log(max p), to a
// few roundings of numbers near 1.
class XnnpackCrossEntropy : public LossKernel {
 public:
  XnnpackCrossEntropy(const CrossEntropySpec& spec, int64_t classes,
                      XnnOperator softmax, Tensor probabilities)
      : classes_(classes),
        at_label_(static_cast<float>(1 - spec.label_smoothing)),
        share_(static_cast<float>(spec.label_smoothing / classes)),
        softmax_(std::move(softmax)),
        probabilities_(std::move(probabilities)) {}

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    const int32_t* labels = targets.classes;
    CheckXnn(
        SetUpXnnSoftmax(softmax_, images, classes_, x, probabilities_.data()));
    RunXnn(softmax_);
    const float* p = probabilities_.data();
    for (int64_t n = 0; n < images; ++n) {
      const float max_x = *std::max_element(x, x + classes_);
      const float max_p = *std::max_element(p, p + classes_);
      float gap = max_x - x[labels[n]];
      if (share_ > 0) gap = at_label_ * gap + share_ * SumOfGaps(x, max_x);
      losses[n] = gap - std::log(max_p);
      if (dx != nullptr) {
        for (int64_t k = 0; k < classes_; ++k) dx[k] = scale * (p[k] - share_);
        dx[labels[n]] = scale * (p[labels[n]] - (at_label_ + share_));
        dx += classes_;
      }
      x += classes_;
      p += classes_;
    }
  }

 private:
  float SumOfGaps(const float* x, float max_x) const {
    float sum = 0;
    for (int64_t k = 0; k < classes_; ++k) sum += max_x - x[k];
    return sum;
  }

  const int64_t classes_;
  // Of the target: 1 and 0 without label smoothing.
  const float at_label_;  // What the label has more than the others,
  const float share_;     // and what each has.
  XnnOperator softmax_;
  Tensor probabilities_;
};

absl::StatusOr<std::unique_ptr<LossKernel>> MakeCrossEntropy(
    const CrossEntropySpec& spec, int64_t classes, int64_t images) {
  XnnOperator softmax;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      "softmax",
      [&](xnn_operator_t* op) {
        return xnn_create_softmax_nc_f32(classes, classes, classes,
                                         /*flags=*/0, op);
      },
      softmax));
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({images, classes}));
  LENSLET_ASSIGN_OR_RETURN(Tensor probabilities,
                           Tensor::Create(ElementType::kFloat32, shape));
  return std::make_unique<XnnpackCrossEntropy>(
      spec, classes, std::move(softmax), std::move(probabilities));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LossKernel>> MakeXnnpackClassLoss(
    const LossKind& kind, int64_t classes, int64_t images) {
  if (const auto* spec = std::get_if<CrossEntropySpec>(&kind)) {
    return MakeCrossEntropy(*spec, classes, images);
  }
  return MakeReferenceClassLoss(kind, classes);
}

}  // namespace lenslet
