#include "lenslet/ops/lrn/lrn.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/lrn/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"
#include "lenslet/ops/window.h"

namespace lenslet {

absl::StatusOr<Shape> OutputShape(const LrnSpec& spec, const Shape& image) {
  if (spec.size < 1 || spec.size > kMaxAxisSize) {
    return BadValue("size", spec.size,
                    absl::StrCat("a number in [1, ", kMaxAxisSize, "]"));
  }
  for (const auto& [name, value] :
       {std::pair("alpha", spec.alpha), {"beta", spec.beta}}) {
    if (!(std::isfinite(value) && value >= 0)) {
      return BadValue(name, value, "a finite number of at least 0");
    }
  }
  // Below, logarithms are off.
  if (!(std::isfinite(spec.bias) &&
        spec.bias >= std::numeric_limits<float>::min())) {
    return BadValue("bias", spec.bias, "a finite number above 0");
  }
  if (image.rank() == 0) {
    return absl::InvalidArgumentError(
        "input is one number; expected [..., channels]");
  }
  if (image.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("local response normalization of an image of shape ",
                     image.ToString(), ", which has no elements"));
  }
  return image;
}

absl::StatusOr<Cost> ComputeCost(const LrnSpec& spec, const Shape& image) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  Cost cost;
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(), .output = image.elements()}, cost));
  const int64_t window = std::min(spec.size, image.dim(image.rank() - 1));
  if (__builtin_mul_overflow(window, image.elements(), &cost.multiply_adds)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "local response normalization of an image of shape ", image.ToString(),
        " has more products than 64 bits can count"));
  }
  cost.other_operations = 2 * image.elements();
  return cost;
}

absl::StatusOr<Tensor> Lrn(const Tensor& x, const LrnSpec& spec,
                           Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ...]", std::max(1, x.shape().rank())));
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeLrnKernel(backend, spec, image));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(x.shape().dim(0), image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeLrnKernel(Backend backend,
                                                      const LrnSpec& spec,
                                                      const Shape& image) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  const int64_t channels = image.dim(image.rank() - 1);
  const LrnGeometry geometry = {.spec = spec,
                                .positions = image.elements() / channels,
                                .channels = channels};
  switch (backend) {
    case Backend::kReference:
      return MakeLrnReferenceKernel(geometry);
    case Backend::kXnnpack:
      return absl::UnimplementedError(
          "XNNPACK has no local response normalization");
    case Backend::kLanes:
      return MakeLrnLanesKernel(geometry);
    case Backend::kDirect:
      return MakeLrnDirectKernel(geometry);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
