#include "lenslet/ops/add/add.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/add/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Shape> AddShape(absl::Span<const Shape> images) {
  if (images.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", CountText(images.size(), "input"), "; expected at least 2"));
  }
  for (size_t i = 1; i < images.size(); ++i) {
    if (images[i] != images[0]) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", i, " has shape ", images[i].ToString(), "; expected ",
          images[0].ToString(), ", the shape of input 0"));
    }
  }
  if (images[0].elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat("sum of images of shape ",
                                                   images[0].ToString(),
                                                   ", which have no elements"));
  }
  return images[0];
}

absl::StatusOr<Cost> AddCost(absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, AddShape(images));
  const int64_t inputs = static_cast<int64_t>(images.size());
  int64_t read;
  if (__builtin_mul_overflow(output.elements(), inputs, &read)) {
    read = std::numeric_limits<int64_t>::max();
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
  LENSLET_ASSIGN_OR_RETURN(const Shape image, AddShape(images));
  LENSLET_ASSIGN_OR_RETURN(const bool relu, FusesRelu(backend, epilogue));
  switch (backend) {
    case Backend::kReference:
      return MakeAddReferenceKernel(image.elements());
    case Backend::kXnnpack:
      return MakeAddXnnpackKernel(image.elements());
    case Backend::kLanes:
      return MakeAddLanesKernel(image.elements(), relu);
    case Backend::kDirect:
      return MakeAddDirectKernel(image.elements());
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
