#include "lenslet/ops/add/add.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/add/add_direct.h"
#include "lenslet/ops/add/add_lanes.h"
#include "lenslet/ops/add/add_reference.h"
#include "lenslet/ops/add/add_spec.h"
#include "lenslet/ops/add/add_xnnpack.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Tensor> Add(const Tensor& a, const Tensor& b, Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("a", a, "[N, ...]", std::max(1, a.shape().rank())));
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("b", b, "[N, ...]", std::max(1, b.shape().rank())));
  if (a.shape() != b.shape()) {
    return absl::InvalidArgumentError(
        absl::StrCat("b has shape ", b.shape().ToString(), ", a ",
                     a.shape().ToString(), "; expected the same"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(a));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeAddKernel(backend, {image, image}));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(a.shape().dim(0), image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&a, &b}, {}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeAddKernel(
    Backend backend, absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(const Shape image, AddShape(images));
  switch (backend) {
    case Backend::kReference:
      return MakeAddReferenceKernel(image.elements());
    case Backend::kXnnpack:
      return MakeAddXnnpackKernel(image.elements());
    case Backend::kLanes:
      return MakeAddLanesKernel(image.elements());
    case Backend::kDirect:
      return MakeAddDirectKernel(image.elements());
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
