#include "lenslet/ops/linear/linear.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/linear/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxFeatures = std::numeric_limits<int32_t>::max();

absl::Status CheckFeatures(absl::string_view name, int64_t features) {
  if (features < 1 || features > kMaxFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is ", features, "; expected a number in [1, ",
                     kMaxFeatures, "]"));
  }
  return absl::OkStatus();
}

absl::Status Check(const LinearSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckFeatures("input_features", spec.input_features));
  return CheckFeatures("output_features", spec.output_features);
}

}  // namespace

absl::StatusOr<Shape> OutputShape(const LinearSpec& spec, const Shape& image) {
  LENSLET_RETURN_IF_ERROR(Check(spec));
  if (image.rank() < 1 || image.elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has no features"));
  }
  const int last = image.rank() - 1;
  if (image.dim(last) != spec.input_features) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has ", CountText(image.dim(last), "feature"),
                     "; expected ", spec.input_features));
  }
  std::vector<int64_t> dims(image.dims().begin(), image.dims().end());
  dims[last] = spec.output_features;
  return Shape::Create(dims);
}

absl::StatusOr<Shape> WeightShape(const LinearSpec& spec) {
  LENSLET_RETURN_IF_ERROR(Check(spec));
  return Shape::Create({spec.output_features, spec.input_features});
}

absl::StatusOr<Cost> ComputeCost(const LinearSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape weight, WeightShape(spec));
  const int64_t rows = output.elements() / spec.output_features;
  Cost cost;
  if (__builtin_mul_overflow(rows, weight.elements(), &cost.multiply_adds)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a weight of shape ", weight.ToString(), " on ", rows,
                     " rows needs more multiply-adds than 64 bits can count"));
  }
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(),
                .weight = weight.elements(),
                .bias = spec.has_bias ? spec.output_features : 0,
                .output = output.elements()},
               cost));
  return cost;
}

namespace {

// `bias` may be null.
absl::StatusOr<Tensor> LinearImpl(const Tensor& x, const Tensor& weight,
                                  const Tensor* bias, Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ..., in]", std::max(2, x.shape().rank())));
  LENSLET_RETURN_IF_ERROR(CheckFloats("weight", weight, "[out, in]", 2));
  const LinearSpec spec = {.input_features = weight.shape().dim(1),
                           .output_features = weight.shape().dim(0),
                           .has_bias = bias != nullptr};
  if (bias != nullptr) {
    LENSLET_RETURN_IF_ERROR(CheckFloats("bias", *bias, "[out]", 1));
    if (bias->shape().dim(0) != spec.output_features) {
      return absl::InvalidArgumentError(
          absl::StrCat("bias has shape ", bias->shape().ToString(),
                       "; expected [", spec.output_features,
                       "] for a weight of shape ", weight.shape().ToString()));
    }
  }
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeLinearKernel(backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, y_image));
  if (bias == nullptr) {
    LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {&weight}, y));
  } else {
    LENSLET_RETURN_IF_ERROR(
        RunOnce(std::move(kernel), {&x}, {&weight, bias}, y));
  }
  return y;
}

}  // namespace

absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              const Tensor& bias, Backend backend) {
  return LinearImpl(x, weight, &bias, backend);
}

absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              Backend backend) {
  return LinearImpl(x, weight, nullptr, backend);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeLinearKernel(
    Backend backend, const LinearSpec& spec, const Shape& image, int64_t images,
    const Epilogue& epilogue) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  const int64_t rows = image.elements() / spec.input_features;
  const std::optional<ActivationSpec>& activation = epilogue.activation;
  if (activation) {
    LENSLET_RETURN_IF_ERROR(CheckActivation(*activation));
    if (!AppliesActivations(backend) || !GradientFromOutput(activation->kind)) {
      return NoFusion(backend);
    }
  }
  if (epilogue.add || epilogue.pool) return NoFusion(backend);
  switch (backend) {
    case Backend::kReference:
      return MakeLinearReferenceKernel(spec, rows);
    case Backend::kXnnpack:
      return MakeLinearXnnpackKernel(spec, rows);
    case Backend::kLanes:
      return MakeLinearLanesKernel(spec, rows, images, activation);
    case Backend::kDirect:
      return MakeLinearDirectKernel(spec, rows, images, activation);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
