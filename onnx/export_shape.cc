// Padding, resizing and reshaping.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/export_order.h"
#include "lenslet/onnx/layer_writer.h"
#include "lenslet/ops/resize/resize.h"

namespace lenslet {
namespace {

using Result = absl::StatusOr<OnnxValue>;

}  // namespace

Result LayerWriter::WriteKind(const PadSpec& spec) {
  const Padding& padding = node_.window.padding;
  return Output(PadImage(x(), AxesOf(padding.before), AxesOf(padding.after),
                         ModeName(spec.mode), 0, writer_));
}

Result LayerWriter::WriteKind(const ResizeSpec& spec) {
  LENSLET_ASSIGN_OR_RETURN(const ResizeGeometry geometry,
                           Resolve(spec, image()));
  const int rank = spatial_rank();
  const std::string mode(Name(spec.mode));
  std::vector<float> scales = {1, 1};
  for (int axis = 3 - rank; axis < 3; ++axis) {
    scales.push_back(static_cast<float>(geometry.scale[axis]));
  }
  const auto write_scales = [&] {
    return writer_.Floats(absl::StrCat(node_.name, "/scales"), {rank + 2},
                          scales);
  };
  if (writer_.opset() < 11) {
    const bool is_plain = spec.coordinates == ResizeCoordinates::kAsymmetric &&
                          (spec.mode == ResizeMode::kLinear ||
                           spec.rounding == ResizeRounding::kFloor);
    if (!is_plain || !spec.output.empty()) {
      return NeedsOpset(11, "the first with these coordinates and sizes");
    }
    if (writer_.opset() == 10) {
      return Output(
          writer_.Add("Resize", {x(), write_scales()}, {{"mode", mode}}));
    }
    if (writer_.opset() == 9) {
      return Output(
          writer_.Add("Upsample", {x(), write_scales()}, {{"mode", mode}}));
    }
    return NeedsOpset(9, "the first with scales as a constant");
  }
  OnnxAttributes attributes = {
      {"coordinate_transformation_mode", std::string(Name(spec.coordinates))},
      {"mode", mode}};
  if (spec.mode == ResizeMode::kNearest) {
    attributes.emplace_back("nearest_mode", std::string(Name(spec.rounding)));
  }
  // Before version 13, the region of interest is required.
  const std::string roi =
      writer_.opset() < 13
          ? writer_.Floats(absl::StrCat(node_.name, "/roi"), {0}, {})
          : "";
  // With align_corners, programs differ where a scale makes part of a
  // position.
  if (spec.output.empty() &&
      spec.coordinates != ResizeCoordinates::kAlignCorners) {
    return Output(
        writer_.Add("Resize", {x(), roi, write_scales()}, attributes));
  }
  // The batch's size is open, so that sizes are computed from the input's.
  const std::string shape = writer_.Add("Shape", {x()});
  const std::string outer = writer_.Slice(shape, {0}, {0}, {2}, {1});
  const std::string sizes =
      writer_.Add("Concat",
                  {outer, writer_.Numbers(absl::StrCat(node_.name, "/sizes"),
                                          InnerOf(geometry.output, rank))},
                  {{"axis", int64_t{0}}});
  const std::string scales_of_none =
      writer_.opset() < 13
          ? writer_.Floats(absl::StrCat(node_.name, "/scales"), {0}, {})
          : "";
  return Output(
      writer_.Add("Resize", {x(), roi, scales_of_none, sizes}, attributes));
}

Result LayerWriter::WriteKind(const FlattenLayer&) {
  if (image().rank() == 1) return Pointwise(x());
  const bool reorders = !OrdersAgree(image());
  OnnxValue flat = Output(writer_.Add(
      "Flatten",
      {reorders && in_order_ ? ToChannelsLast(x(), image().rank(), writer_)
                             : x()},
      {{"axis", int64_t{1}}}));
  if (reorders && !in_order_) flat.unordered = image();
  return flat;
}

Result LayerWriter::WriteKind(const ReshapeLayer&) {
  if (node_.output == image()) return Output(x());
  std::string x = this->x();
  if (!OrdersAgree(image())) x = ToChannelsLast(x, image().rank(), writer_);
  if (OrdersAgree(node_.output)) {
    return Output(writer_.Reshape(x, WithBatch(ChannelsFirst(node_.output))));
  }
  const Ints sizes(node_.output.dims().begin(), node_.output.dims().end());
  return Output(ToChannelsFirst(writer_.Reshape(x, WithBatch(sizes)),
                                node_.output.rank(), writer_));
}

}  // namespace lenslet
