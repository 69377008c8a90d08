#include "lenslet/ops/add/add.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/add/kernels.h"
#include "lenslet/ops/broadcast.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Shape> AddShape(absl::Span<const Shape> images) {
  return BroadcastShape("sum", images);
}

absl::StatusOr<Cost> AddCost(absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, AddShape(images));
  const int64_t inputs = static_cast<int64_t>(images.size());
  int64_t read = 0;
  for (const Shape& image : images) {
    if (__builtin_add_overflow(read, image.elements(), &read)) {
      read = std::numeric_limits<int64_t>::max();
    }
  }
  Cost cost;
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = read, .output = output.elements()}, cost));
  cost.other_operations = output.elements() * (inputs - 1);
  return cost;
}

absl::StatusOr<Tensor> Add(const Tensor& a, const Tensor& b, Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("a", a, "[N, ...]", std::max(1, a.shape().rank())));
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("b", b, "[N, ...]", std::max(1, b.shape().rank())));
  if (a.shape() != b.shape()) {
    return absl::InvalidArgumentError(
        absl::StrCat("b has shape ", b.shape().ToString(), "; expected ",
                     a.shape().ToString(), ", the shape of a"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(a));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeAddKernel(backend, {image, image}));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(a.shape().dim(0), image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&a, &b}, {}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeAddKernel(
    Backend backend, absl::Span<const Shape> images, const Epilogue& epilogue) {
  LENSLET_RETURN_IF_ERROR(AddShape(images).status());
  LENSLET_ASSIGN_OR_RETURN(const bool relu, FusesRelu(backend, epilogue));
  switch (backend) {
    case Backend::kReference:
      return MakeAddReferenceKernel(images);
    case Backend::kXnnpack:
      return MakeAddXnnpackKernel(images);
    case Backend::kLanes:
      return MakeAddLanesKernel(images, relu);
    case Backend::kDirect:
      return MakeAddDirectKernel(images, relu);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
