#include "lenslet/ops/layer_norm/layer_norm.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/layer_norm/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Shape> FeatureShape(const LayerNormSpec& spec,
                                   const Shape& image) {
  if (!(std::isfinite(spec.epsilon) && spec.epsilon > 0)) {
    return BadValue("epsilon", spec.epsilon, "a finite number above 0");
  }
  const int rank = image.rank();
  if (rank == 0) {
    return absl::InvalidArgumentError(
        "input is one number; expected [..., channels]");
  }
  const int64_t axis = spec.axis.value_or(rank - 1);
  if (axis < 0 || axis >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("axis is ", axis, "; expected one of the ", rank,
                     " axes of an image of shape ", image.ToString()));
  }
  if (image.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("layer normalization of an image of shape ",
                     image.ToString(), ", which has no elements"));
  }
  return Shape::Create(image.dims().subspan(axis));
}

absl::StatusOr<Shape> OutputShape(const LayerNormSpec& spec,
                                  const Shape& image) {
  LENSLET_RETURN_IF_ERROR(FeatureShape(spec, image).status());
  return image;
}

absl::StatusOr<Cost> ComputeCost(const LayerNormSpec& spec,
                                 const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape features, FeatureShape(spec, image));
  Cost cost;
  LENSLET_RETURN_IF_ERROR(SetBytes({.input = image.elements(),
                                    .weight = features.elements(),
                                    .bias = features.elements(),
                                    .output = image.elements()},
                                   cost));
  // Squares of differences, then scale and bias.
  cost.multiply_adds = 2 * image.elements();
  // The mean's sum, the difference, and the product with the deviation.
  cost.other_operations = 3 * image.elements();
  return cost;
}

absl::StatusOr<Tensor> LayerNorm(const Tensor& x, const Tensor& scale,
                                 const Tensor& bias, const LayerNormSpec& spec,
                                 Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ...]", std::max(1, x.shape().rank())));
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape features, FeatureShape(spec, image));
  for (const auto& [name, parameter] :
       {std::pair("scale", &scale), {"bias", &bias}}) {
    if (parameter->type() != ElementType::kFloat32 ||
        parameter->shape() != features) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " is ", Name(parameter->type()), " ",
          parameter->shape().ToString(), "; expected float32 ",
          features.ToString(), ", the sizes of the features of x"));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeLayerNormKernel(backend, spec, image));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(x.shape().dim(0), image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {&scale, &bias}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeLayerNormKernel(
    Backend backend, const LayerNormSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape features, FeatureShape(spec, image));
  const LayerNormRows rows = {.rows = image.elements() / features.elements(),
                              .features = features.elements(),
                              .epsilon = spec.epsilon};
  switch (backend) {
    case Backend::kReference:
      return MakeLayerNormReferenceKernel(rows);
    case Backend::kXnnpack:
      return absl::UnimplementedError("XNNPACK has no layer normalization");
    case Backend::kLanes:
      return MakeLayerNormLanesKernel(rows);
    case Backend::kDirect:
      return MakeLayerNormDirectKernel(rows);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
