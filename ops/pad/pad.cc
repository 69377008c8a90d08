#include "lenslet/ops/pad/pad.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/pad/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

// One side's padding over `rank` dimensions.
absl::StatusOr<Axes> ResolveSide(absl::string_view side, const Axes& padding,
                                 int rank) {
  if (padding.empty()) return Axes::Filled(rank, 0);
  if (padding.rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("padding ", side, " ", padding.ToString(), " has ",
                     CountText(padding.rank(), "number"), "; expected ", rank,
                     ", one for each spatial dimension of the image"));
  }
  for (int64_t value : padding) {
    if (value < 0 || value > kMaxAxisSize) {
      return absl::InvalidArgumentError(absl::StrCat(
          "padding ", side, " ", padding.ToString(), " has ", value,
          "; expected a number in [0, ", kMaxAxisSize, "]"));
    }
  }
  return padding;
}

}  // namespace

absl::StatusOr<PadGeometry> Resolve(const PadSpec& spec, const Shape& image) {
  const int rank = image.rank() - 1;
  if (rank < 1 || rank > Axes::kMaxRank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has ",
        CountText(image.rank(), "dimension"), "; padding needs 1 to ",
        Axes::kMaxRank, " spatial ones and channels"));
  }
  for (int64_t size : image.dims()) {
    if (size < 1 || size > kMaxAxisSize) {
      return absl::InvalidArgumentError(
          absl::StrCat("an image of shape ", image.ToString(), " has ", size,
                       "; expected a number in [1, ", kMaxAxisSize, "]"));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes input,
                           Axes::Create(image.dims().first(rank)));
  Padding padding;
  LENSLET_ASSIGN_OR_RETURN(padding.before,
                           ResolveSide("before", spec.padding.before, rank));
  LENSLET_ASSIGN_OR_RETURN(padding.after,
                           ResolveSide("after", spec.padding.after, rank));
  LENSLET_RETURN_IF_ERROR(CheckPadding(spec.mode, padding, input));
  PadGeometry geometry = {.mode = spec.mode,
                          .padding = To3d(padding),
                          .input = To3d(input),
                          .output = To3d(input),
                          .channels = image.dim(rank)};
  for (int axis = 0; axis < Axes::kMaxRank; ++axis) {
    geometry.output[axis] +=
        geometry.padding.before[axis] + geometry.padding.after[axis];
  }
  return geometry;
}

absl::StatusOr<Shape> OutputShape(const PadSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const PadGeometry geometry, Resolve(spec, image));
  const int rank = image.rank() - 1;
  std::vector<int64_t> dims(geometry.output.end() - rank,
                            geometry.output.end());
  dims.push_back(geometry.channels);
  return Shape::Create(dims);
}

absl::StatusOr<Cost> ComputeCost(const PadSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  Cost cost;
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(), .output = output.elements()}, cost));
  return cost;
}

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
