#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/layer_kinds.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

absl::string_view KindName(PoolKind kind) {
  switch (kind) {
    case PoolKind::kMax:
      return "Max";
    case PoolKind::kAverage:
      return "Avg";
    case PoolKind::kMin:
      return "Min";
    case PoolKind::kSoftmax:
      return "Softmax";
  }
  return "";
}

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

// The operator's spec for these inputs. Errors: InvalidArgument for another
// number of inputs or dimensions than the layer's.

absl::StatusOr<PoolSpec> SpecFor(const PoolLayer& layer, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(
      CheckDimensions(layer.rank, layer.spec.window.kernel, inputs));
  return layer.spec;
}

absl::StatusOr<PoolSpec> AdaptiveSpec(PoolKind kind, const Axes& sizes,
                                      Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  if (kind != PoolKind::kMax && kind != PoolKind::kAverage) {
    return absl::InvalidArgumentError(
        "the kind of adaptive pooling is neither maximum nor average");
  }
  const int rank = inputs[0].rank() - 1;
  if (rank < 1 || rank > Axes::kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", inputs[0].ToString(),
                     "; expected 1 to 3 spatial dimensions and channels"));
  }
  const Axes output = sizes.rank() == 1 ? Axes::Filled(rank, sizes[0]) : sizes;
  if (output.rank() != rank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "output ", output.ToString(), " has ",
        CountText(output.rank(), "number"), "; expected one for all axes or ",
        rank, " for input ", inputs[0].ToString()));
  }
  return PoolSpec{.kind = kind, .output = output};
}

absl::StatusOr<PoolSpec> SpecFor(const AdaptivePoolLayer& layer,
                                 Shapes inputs) {
  return AdaptiveSpec(layer.kind, layer.output, inputs);
}

absl::StatusOr<PoolSpec> SpecFor(const GlobalPoolLayer& layer, Shapes inputs) {
  return AdaptiveSpec(layer.kind, {1}, inputs);
}

template <typename Pool>
absl::StatusOr<LayerInfo> InferPool(const Pool& layer, Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(layer, inputs));
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

template <typename Pool>
KernelOr MakeKernelOf(const Pool& layer, Backend backend, Shapes inputs,
                      int64_t images) {
  LENSLET_ASSIGN_OR_RETURN(const PoolSpec spec, SpecFor(layer, inputs));
  return MakePoolKernel(backend, spec, inputs[0], images);
}

}  // namespace

std::string TypeOf(const PoolLayer& layer) {
  return absl::StrCat(KindName(layer.spec.kind), "Pool", layer.rank, "d");
}

std::string DetailsOf(const PoolLayer& layer) {
  Window window = layer.spec.window;
  if (window.stride.empty()) window.stride = window.kernel;
  std::string details = WindowText(window);
  if (layer.spec.kind == PoolKind::kSoftmax) {
    absl::StrAppend(&details, ", temperature ", layer.spec.temperature);
  }
  return details;
}

absl::StatusOr<LayerInfo> Infer(const PoolLayer& layer, Shapes inputs) {
  return InferPool(layer, inputs);
}

KernelOr MakeKernel(const PoolLayer& layer, Backend backend, Shapes inputs,
                    int64_t images) {
  return MakeKernelOf(layer, backend, inputs, images);
}

std::string TypeOf(const AdaptivePoolLayer& layer) {
  return absl::StrCat("Adaptive", KindName(layer.kind), "Pool");
}

std::string DetailsOf(const AdaptivePoolLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const AdaptivePoolLayer& layer, Shapes inputs) {
  return InferPool(layer, inputs);
}

KernelOr MakeKernel(const AdaptivePoolLayer& layer, Backend backend,
                    Shapes inputs, int64_t images) {
  return MakeKernelOf(layer, backend, inputs, images);
}

std::string TypeOf(const GlobalPoolLayer& layer) {
  return absl::StrCat("Global", KindName(layer.kind), "Pool");
}

std::string DetailsOf(const GlobalPoolLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const GlobalPoolLayer& layer, Shapes inputs) {
  return InferPool(layer, inputs);
}

KernelOr MakeKernel(const GlobalPoolLayer& layer, Backend backend,
                    Shapes inputs, int64_t images) {
  return MakeKernelOf(layer, backend, inputs, images);
}

}  // namespace lenslet
