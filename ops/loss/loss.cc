#include "lenslet/ops/loss/loss.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss/kernels.h"
#include "lenslet/ops/simple_call.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

absl::StatusOr<std::unique_ptr<LossKernel>> MakeClassLoss(Backend backend,
                                                          const LossKind& kind,
                                                          int64_t classes,
                                                          int64_t images) {
  switch (backend) {
    case Backend::kReference:
    case Backend::kDirect:  // Inference has no loss worth hurrying for.
      return MakeReferenceClassLoss(kind, classes);
    case Backend::kXnnpack:
      return MakeXnnpackClassLoss(kind, classes, images);
    case Backend::kLanes:
      return MakeLanesClassLoss(kind, classes);
  }
  return absl::InternalError("unknown backend");
}

absl::StatusOr<std::unique_ptr<LossKernel>> MakeRowLoss(Backend backend,
                                                        const LossSpec& spec,
                                                        int64_t classes,
                                                        int64_t images) {
  if (const auto* smoothed = std::get_if<CrossEntropySpec>(&spec.kind);
      smoothed != nullptr && smoothed->label_smoothing > 0 &&
      !smoothed->weigh_by_label && !spec.class_weights.empty()) {
    return backend == Backend::kLanes
               ? MakeLanesWeightedTargets(smoothed->label_smoothing,
                                          spec.class_weights)
               : MakeReferenceWeightedTargets(smoothed->label_smoothing,
                                              spec.class_weights);
  }
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<LossKernel> loss,
                           MakeClassLoss(backend, spec.kind, classes, images));
  if (spec.class_weights.empty()) return loss;
  return MakeWeightedLoss(std::move(loss), spec.class_weights);
}

absl::StatusOr<std::unique_ptr<LossKernel>> MakeClassLossKernel(
    Backend backend, const LossSpec& spec, const Shape& output,
    int64_t images) {
  const int64_t classes = output.dim(output.rank() - 1);
  const int64_t positions = output.elements() / classes;
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<LossKernel> loss,
      MakeRowLoss(backend, spec, classes,
                  output.rank() == 1 ? images : positions));
  if (output.rank() == 1) return loss;
  return MakeLossOfPositions(std::move(loss), positions, classes);
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
  const Shape& shape = x.shape();
  const int64_t classes = shape.dim(shape.rank() - 1);
  const int64_t rows = shape.elements() / classes;
  if (static_cast<int64_t>(labels.size()) != rows) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", labels.size(), " labels; expected ", rows,
                     ", one for each row of x of shape ", shape.ToString()));
  }
  for (size_t n = 0; n < labels.size(); ++n) {
    if (labels[n] == kIgnoredClass && shape.rank() > 2) continue;
    if (labels[n] < 0 || labels[n] >= classes) {
      return absl::InvalidArgumentError(
          absl::StrCat("label ", n, " is ", labels[n],
                       "; expected a number in [0, ", classes, ")"));
    }
  }
  return absl::OkStatus();
}

// The shape of an image of x.
absl::StatusOr<Shape> CheckOutput(absl::string_view argument, const Tensor& x,
                                  absl::string_view layout) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats(argument, x, layout, std::max(2, x.shape().rank())));
  if (x.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        argument, " of shape ", x.shape().ToString(), " holds no elements"));
  }
  return ImageShape(x);
}

// A copy of `images` in the layout, or the images themselves. The copy stands
// in `copy`.
absl::StatusOr<const float*> InLayout(Layout layout, const Tensor& images,
                                      Tensor& copy) {
  if (layout == Layout::kImages) return images.data();
  const int64_t count = images.shape().dim(0);
  const int64_t elements = images.shape().inner_elements();
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      Shape::Create({RoomForImages(layout, count), elements}));
  LENSLET_ASSIGN_OR_RETURN(copy, Tensor::Create(ElementType::kFloat32, shape));
  ImagesToLanes(count, elements, images.data(), copy.data());
  return copy.data();
}

absl::StatusOr<Tensor> RunOnTensor(LossKernel& loss, const Tensor& x,
                                   LossTargets targets, const Tensor* values) {
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(Tensor losses, MakeOutput(images, Shape()));
  Tensor x_copy;
  Tensor values_copy;
  LENSLET_ASSIGN_OR_RETURN(const float* scores,
                           InLayout(loss.layout(), x, x_copy));
  if (values != nullptr) {
    LENSLET_ASSIGN_OR_RETURN(targets.values,
                             InLayout(loss.layout(), *values, values_copy));
  }
  loss.Run(images, scores, targets, /*scale=*/1.0f, losses.data(),
           /*dx=*/nullptr);
  return losses;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LossKernel>> MakeLossKernel(Backend backend,
                                                           const LossSpec& spec,
                                                           const Shape& output,
                                                           int64_t images,
                                                           TargetKind target) {
  LENSLET_RETURN_IF_ERROR(CheckLoss(spec, target, output));
  if (target == TargetKind::kClasses) {
    return MakeClassLossKernel(backend, spec, output, images);
  }
  return backend == Backend::kLanes
             ? MakeLanesValueLoss(spec.kind, output.elements())
             : MakeReferenceValueLoss(spec.kind, output.elements());
}

absl::StatusOr<Tensor> ComputeLosses(const Tensor& x,
                                     absl::Span<const int32_t> labels,
                                     const LossSpec& spec, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output,
                           CheckOutput("x", x, "[N, classes]"));
  LENSLET_RETURN_IF_ERROR(CheckLabels(x, labels));
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<LossKernel> loss,
      MakeLossKernel(backend, spec, output, x.shape().dim(0)));
  return RunOnTensor(*loss, x, {.classes = labels.data()}, nullptr);
}

absl::StatusOr<Tensor> ComputeLosses(const Tensor& x, const Tensor& targets,
                                     const LossSpec& spec, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output,
                           CheckOutput("x", x, "[N, outputs]"));
  if (targets.type() != ElementType::kFloat32 || targets.shape() != x.shape()) {
    return absl::InvalidArgumentError(
        absl::StrCat("targets are ", Name(targets.type()), " ",
                     targets.shape().ToString(), "; expected float32 ",
                     x.shape().ToString(), ", one for each number of x"));
  }
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<LossKernel> loss,
      MakeLossKernel(backend, spec, output, x.shape().dim(0),
                     TargetKind::kValues));
  return RunOnTensor(*loss, x, {}, &targets);
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
