#include "lenslet/ops/concat/concat.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/concat/concat_copy.h"
#include "lenslet/ops/concat/concat_reference.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Tensor> Concat(absl::Span<const Tensor* const> inputs,
                              const ConcatSpec& spec, Backend backend) {
  std::vector<Shape> images;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& x = *inputs[i];
    LENSLET_RETURN_IF_ERROR(CheckFloats(absl::StrCat("input ", i), x,
                                        "[N, ...]",
                                        std::max(1, x.shape().rank())));
    LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
    images.push_back(image);
    if (x.shape().dim(0) != inputs[0]->shape().dim(0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", i, " holds ", x.shape().dim(0),
                       " images, input 0 ", inputs[0]->shape().dim(0)));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, images));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeConcatKernel(backend, spec, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y,
                           MakeOutput(inputs[0]->shape().dim(0), output));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), inputs, {}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeConcatKernel(
    Backend backend, const ConcatSpec& spec, absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(ConcatGeometry geometry, Resolve(spec, images));
  switch (backend) {
    case Backend::kReference:
      return MakeConcatReferenceKernel(std::move(geometry));
    case Backend::kXnnpack:
      return MakeConcatCopyKernel(std::move(geometry), Layout::kImages);
    case Backend::kLanes:
      return MakeConcatCopyKernel(std::move(geometry), Layout::kLanes);
    case Backend::kDirect:
      return MakeConcatDirectKernel(std::move(geometry));
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
