#include "lenslet/ops/mul/mul.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/broadcast.h"
#include "lenslet/ops/mul/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Shape> MulShape(absl::Span<const Shape> images) {
  if (images.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", CountText(images.size(), "input"), "; expected 2"));
  }
  return BroadcastShape("product", images);
}

absl::StatusOr<Cost> MulCost(absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, MulShape(images));
  Cost cost;
  int64_t read;
  if (__builtin_add_overflow(images[0].elements(), images[1].elements(),
                             &read)) {
    read = std::numeric_limits<int64_t>::max();
  }
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = read, .output = output.elements()}, cost));
  cost.other_operations = output.elements();
  return cost;
}

absl::StatusOr<Tensor> Mul(const Tensor& a, const Tensor& b, Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("a", a, "[N, ...]", std::max(1, a.shape().rank())));
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("b", b, "[N, ...]", std::max(1, b.shape().rank())));
  if (a.shape().dim(0) != b.shape().dim(0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "b has shape ", b.shape().ToString(), "; expected the ",
        CountText(a.shape().dim(0), "image"), " of a, ", a.shape().ToString()));
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape image_a, ImageShape(a));
  LENSLET_ASSIGN_OR_RETURN(const Shape image_b, ImageShape(b));
  const Shape images[] = {image_a, image_b};
  LENSLET_ASSIGN_OR_RETURN(const Shape image, MulShape(images));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeMulKernel(backend, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(a.shape().dim(0), image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&a, &b}, {}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeMulKernel(
    Backend backend, absl::Span<const Shape> images) {
  LENSLET_RETURN_IF_ERROR(MulShape(images).status());
  switch (backend) {
    case Backend::kReference:
      return MakeMulReferenceKernel(images);
    case Backend::kXnnpack:
      return MakeMulXnnpackKernel(images);
    case Backend::kLanes:
      return MakeMulLanesKernel(images);
    case Backend::kDirect:
      return MakeMulDirectKernel(images);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
