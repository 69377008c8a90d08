#include "lenslet/layers/pad.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {

absl::StatusOr<PadSpec> Pad::Spec(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  const int rank = inputs[0].rank() - 1;
  PadSpec spec = {.mode = options_.mode, .padding = options_.padding};
  if (rank < 1 || rank > Axes::kMaxRank) return spec;  // OutputShape() says so.
  for (Axes* side : {&spec.padding.before, &spec.padding.after}) {
    if (side->rank() == 1) *side = Axes::Filled(rank, (*side)[0]);
  }
  return spec;
}

std::string Pad::Details() const {
  return absl::StrCat(PaddingText(options_.padding), ", ", Name(options_.mode));
}

absl::StatusOr<LayerInfo> Pad::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_ASSIGN_OR_RETURN(const PadSpec spec, Spec(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  const Axes one = Axes::Filled(inputs[0].rank() - 1, 1);
  info.reach = Reach::kWindow;
  LENSLET_ASSIGN_OR_RETURN(
      info.window, Resolve({.kernel = one, .padding = spec.padding}, one));
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Pad::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_ASSIGN_OR_RETURN(const PadSpec spec, Spec(inputs));
  return MakePadKernel(backend, spec, inputs[0], images);
}

}  // namespace lenslet::layers
