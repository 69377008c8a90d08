#include "lenslet/ops/pad/pad.h"

#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/pad/pad_plain.h"
#include "lenslet/ops/pad/pad_reference.h"
#include "lenslet/ops/pad/pad_xnnpack.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

absl::StatusOr<Tensor> Pad(const Tensor& x, const Padding& padding,
                           PaddingMode mode, Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ..., C]", std::max(1, x.shape().rank())));
  const PadSpec spec = {.mode = mode, .padding = padding};
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakePadKernel(backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, y_image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakePadKernel(Backend backend,
                                                      const PadSpec& spec,
                                                      const Shape& image,
                                                      int64_t /*images*/) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const PadGeometry geometry, Resolve(spec, image));
  switch (backend) {
    case Backend::kReference:
      return MakePadReferenceKernel(geometry);
    case Backend::kXnnpack:
      if (geometry.mode == PaddingMode::kZero) {
        return MakePadXnnpackKernel(geometry);
      }
      return MakePadPlainKernel(geometry, Layout::kImages);
    case Backend::kLanes:
      return MakePadPlainKernel(geometry, Layout::kLanes);
    case Backend::kDirect:
      return MakePadInferenceKernel(geometry);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
