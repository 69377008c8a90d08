#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_kinds.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/reshape/reshape.h"
#include "lenslet/ops/resize/resize.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

// With one number for each of the input's spatial dimensions.
absl::StatusOr<PadSpec> SpecFor(const PadSpec& layer, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  const int rank = inputs[0].rank() - 1;
  PadSpec spec = layer;
  if (rank < 1 || rank > Axes::kMaxRank) return spec;  // OutputShape() says so.
  for (Axes* side : {&spec.padding.before, &spec.padding.after}) {
    if (side->rank() == 1) *side = Axes::Filled(rank, (*side)[0]);
  }
  return spec;
}

}  // namespace

std::string TypeOf(const PadSpec&) { return "Pad"; }

std::string DetailsOf(const PadSpec& layer) {
  return absl::StrCat(PaddingText(layer.padding), ", ", Name(layer.mode));
}

absl::StatusOr<LayerInfo> Infer(const PadSpec& layer, Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(const PadSpec spec, SpecFor(layer, inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  const Axes one = Axes::Filled(inputs[0].rank() - 1, 1);
  info.reach = Reach::kWindow;
  LENSLET_ASSIGN_OR_RETURN(
      info.window, Resolve({.kernel = one, .padding = spec.padding}, one));
  return info;
}

KernelOr MakeKernel(const PadSpec& layer, Backend backend, Shapes inputs,
                    int64_t images) {
  LENSLET_ASSIGN_OR_RETURN(const PadSpec spec, SpecFor(layer, inputs));
  return MakePadKernel(backend, spec, inputs[0], images);
}

std::string TypeOf(const ResizeSpec&) { return "Resize"; }

// "linear, align_corners, by [2]", "nearest, half_pixel, floor, to [4, 5]".
std::string DetailsOf(const ResizeSpec& layer) {
  std::string details =
      absl::StrCat(Name(layer.mode), ", ", Name(layer.coordinates));
  if (layer.mode == ResizeMode::kNearest) {
    absl::StrAppend(&details, ", ", Name(layer.rounding));
  }
  return layer.output.empty()
             ? absl::StrCat(details, ", by [", absl::StrJoin(layer.scale, ", "),
                            "]")
             : absl::StrCat(details, ", to ", layer.output.ToString());
}

absl::StatusOr<LayerInfo> Infer(const ResizeSpec& layer, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(layer, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(layer, inputs[0]));
  return info;
}

KernelOr MakeKernel(const ResizeSpec& layer, Backend backend, Shapes inputs,
                    int64_t) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return MakeResizeKernel(backend, layer, inputs[0]);
}

std::string TypeOf(const ConcatSpec&) { return "Concat"; }

std::string DetailsOf(const ConcatSpec& layer) {
  return layer.axis ? absl::StrCat("axis ", *layer.axis) : "";
}

absl::StatusOr<LayerInfo> Infer(const ConcatSpec& layer, Shapes inputs) {
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(layer, inputs));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(layer, inputs));
  const int channels = info.output.rank() - 1;
  // Along other axes, positions of inputs after the first are others.
  info.reach = layer.axis.value_or(channels) == channels ? Reach::kPosition
                                                         : Reach::kAll;
  return info;
}

KernelOr MakeKernel(const ConcatSpec& layer, Backend backend, Shapes inputs,
                    int64_t) {
  return MakeConcatKernel(backend, layer, inputs);
}

std::string TypeOf(const FlattenLayer&) { return "Flatten"; }

std::string DetailsOf(const FlattenLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const FlattenLayer&, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return LayerInfo{.output = FlattenedShape(inputs[0])};
}

KernelOr MakeKernel(const FlattenLayer&, Backend, Shapes, int64_t) {
  return absl::UnimplementedError(
      "Flatten has no kernel, as it computes nothing");
}

std::string TypeOf(const ReshapeLayer&) { return "Reshape"; }

std::string DetailsOf(const ReshapeLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const ReshapeLayer& layer, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, ReshapedShape(layer.shape, inputs[0]));
  return info;
}

KernelOr MakeKernel(const ReshapeLayer&, Backend, Shapes, int64_t) {
  return absl::UnimplementedError(
      "Reshape has no kernel, as it computes nothing");
}

}  // namespace lenslet
