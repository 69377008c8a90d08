#include "lenslet/layers/pool.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/spatial.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {
namespace {

Axes InnerAxes(const Axes& axes, int rank) {
  Axes inner = Axes::Filled(rank, 0);
  std::copy(axes.end() - rank, axes.end(), &inner[0]);
  return inner;
}

// Without the outer dimensions that a geometry adds.
Window InnerAxes(const Window& window, int rank) {
  return {.kernel = InnerAxes(window.kernel, rank),
          .stride = InnerAxes(window.stride, rank),
          .dilation = InnerAxes(window.dilation, rank),
          .padding = Padding(InnerAxes(window.padding.before, rank),
                             InnerAxes(window.padding.after, rank))};
}

}  // namespace

absl::StatusOr<LayerInfo> Pool::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(inputs[0]));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry,
                           Resolve(spec, inputs[0]));
  // Positions of windows that are not alike are different distances apart.
  if (geometry.adaptive) return info;
  info.reach = Reach::kWindow;
  info.window = InnerAxes(geometry.window, SpatialRank(spec));
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Pool::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(inputs[0]));
  return MakePoolKernel(backend, spec, inputs[0], images);
}

absl::string_view WindowPool::type() const {
  static constexpr absl::string_view kMax[] = {"MaxPool1d", "MaxPool2d",
                                               "MaxPool3d"};
  static constexpr absl::string_view kAverage[] = {"AvgPool1d", "AvgPool2d",
                                                   "AvgPool3d"};
  static constexpr absl::string_view kMin[] = {"MinPool1d", "MinPool2d",
                                               "MinPool3d"};
  static constexpr absl::string_view kSoftmax[] = {
      "SoftmaxPool1d", "SoftmaxPool2d", "SoftmaxPool3d"};
  switch (kind_) {
    case PoolKind::kMax:
      return kMax[rank_ - 1];
    case PoolKind::kAverage:
      return kAverage[rank_ - 1];
    case PoolKind::kMin:
      return kMin[rank_ - 1];
    case PoolKind::kSoftmax:
      return kSoftmax[rank_ - 1];
  }
  return "";
}

std::string WindowPool::Details() const {
  const Axes& stride = options_.stride;
  std::string details =
      WindowText({.kernel = options_.kernel,
                  .stride = stride.empty() ? options_.kernel : stride,
                  .dilation = options_.dilation,
                  .padding = options_.padding});
  if (kind_ == PoolKind::kSoftmax) {
    absl::StrAppend(&details, ", temperature ", options_.temperature);
  }
  return details;
}

std::optional<PoolSpec> WindowPool::pool() const {
  if (kind_ == PoolKind::kSoftmax) return {};
  return Spec();
}

PoolSpec WindowPool::Spec() const {
  return PoolSpec{.kind = kind_,
                  .window = {.kernel = options_.kernel,
                             .stride = options_.stride,
                             .dilation = options_.dilation,
                             .padding = options_.padding},
                  .count_padding = options_.count_padding,
                  .rounding = options_.rounding,
                  .temperature = options_.temperature};
}

absl::StatusOr<PoolSpec> WindowPool::SpecFor(const Shape& image) const {
  LENSLET_RETURN_IF_ERROR(
      CheckDimensions(type(), rank_, options_.kernel, image));
  return Spec();
}

absl::StatusOr<PoolSpec> AdaptivePool::SpecFor(const Shape& image) const {
  const int rank = image.rank() - 1;
  if (rank < 1 || rank > Axes::kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", image.ToString(), ", ", type_,
                     " expects 1 to 3 spatial dimensions and channels"));
  }
  const Axes output =
      output_.rank() == 1 ? Axes::Filled(rank, output_[0]) : output_;
  if (output.rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("output ", output.ToString(), " has ", output.rank(),
                     " numbers, expected one for all axes or ", rank,
                     " for input ", image.ToString()));
  }
  return PoolSpec{.kind = kind_, .output = output};
}

}  // namespace lenslet::layers
