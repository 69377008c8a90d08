#include "lenslet/ops/dropout/dropout.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/dropout/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Shape> OutputShape(const DropoutSpec& spec, const Shape& image) {
  if (!(spec.rate >= 0 && spec.rate < 1)) {
    return BadValue("rate", spec.rate, "a number in [0, 1)");
  }
  if (image.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("dropout of an image of shape ", image.ToString(),
                     ", which has no elements"));
  }
  return image;
}

absl::StatusOr<Cost> ComputeCost(const DropoutSpec& spec, const Shape& image) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  return Cost();
}

absl::StatusOr<Tensor> Dropout(const Tensor& x, double rate, uint64_t seed,
                               Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ...]", std::max(1, x.shape().rank())));
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Kernel> kernel,
      MakeDropoutKernel(backend, {.rate = rate}, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, image));
  LENSLET_RETURN_IF_ERROR(
      RunOnce(std::move(kernel), {&x}, {}, y, /*training=*/true, seed));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeDropoutKernel(
    Backend backend, const DropoutSpec& spec, const Shape& image,
    int64_t /*images*/) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  switch (backend) {
    case Backend::kReference:
      return MakeDropoutReferenceKernel(spec, image.elements());
    case Backend::kLanes:
      return MakeDropoutLanesKernel(spec, image.elements());
    case Backend::kXnnpack:
    case Backend::kDirect:
      return absl::UnimplementedError(
          "dropout is for training, in lanes or on the reference backend");
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
