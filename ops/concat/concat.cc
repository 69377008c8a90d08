#include "lenslet/ops/concat/concat.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/concat/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

int64_t AxisOf(const ConcatSpec& spec, const Shape& image) {
  return spec.axis.value_or(image.rank() - 1);
}

}  // namespace

absl::StatusOr<Shape> OutputShape(const ConcatSpec& spec,
                                  absl::Span<const Shape> images) {
  if (images.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", CountText(images.size(), "input"), "; expected at least 2"));
  }
  const Shape& first = images[0];
  const int64_t axis = AxisOf(spec, first);
  if (axis < 0 || axis >= first.rank()) {
    return absl::InvalidArgumentError(
        first.rank() == 0
            ? "input 0 has shape []; expected at least one axis"
            : absl::StrCat("axis is ", axis, "; expected a number in [0, ",
                           first.rank() - 1, "] for input 0 of shape ",
                           first.ToString()));
  }
  std::vector<int64_t> dims(first.dims().begin(), first.dims().end());
  dims[axis] = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    bool fits = images[i].rank() == first.rank();
    for (int other = 0; fits && other < first.rank(); ++other) {
      fits = other == axis || images[i].dim(other) == first.dim(other);
    }
    if (!fits) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", i, " has shape ", images[i].ToString(),
                       "; expected ", first.ToString(),
                       ", the shape of input 0, except along axis ", axis));
    }
    if (images[i].elements() == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", i, " has shape ", images[i].ToString(),
                       ", which has no elements"));
    }
    if (__builtin_add_overflow(dims[axis], images[i].dim(axis), &dims[axis])) {
      return absl::InvalidArgumentError(
          absl::StrCat("the inputs' sizes along axis ", axis,
                       " add up to more than 64 bits can count"));
    }
  }
  return Shape::Create(dims);
}

absl::StatusOr<Cost> ComputeCost(const ConcatSpec& spec,
                                 absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, images));
  Cost cost;
  LENSLET_RETURN_IF_ERROR(SetBytes(
      {.input = output.elements(), .output = output.elements()}, cost));
  return cost;
}

absl::StatusOr<ConcatGeometry> Resolve(const ConcatSpec& spec,
                                       absl::Span<const Shape> images) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, images));
  ConcatGeometry geometry;
  for (int64_t dim : output.dims().first(AxisOf(spec, images[0]))) {
    geometry.rows *= dim;
  }
  for (const Shape& image : images) {
    geometry.pieces.push_back(image.elements() / geometry.rows);
  }
  geometry.row = output.elements() / geometry.rows;
  return geometry;
}

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
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", i, " holds ", x.shape().dim(0), " images; expected ",
          inputs[0]->shape().dim(0), ", as many as input 0"));
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
