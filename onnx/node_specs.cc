#include "lenslet/onnx/node_specs.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/node_reader.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

absl::Status CheckForInference(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const int64_t spatial, node.Int("spatial", 1));
  if (spatial != 1) return Lacking("it has spatial=0; expected 1");
  LENSLET_ASSIGN_OR_RETURN(const int64_t training,
                           node.Int("training_mode", 0));
  if (training != 0) {
    return Lacking(
        "it has training_mode=1; expected a model that was exported for "
        "inference");
  }
  return absl::OkStatus();
}

absl::StatusOr<Ints> OrderOf(const NodeReader& node,
                             std::optional<int64_t> rank) {
  if (!rank && !node.Has("perm")) return absl::CancelledError();
  Ints reversed(rank.value_or(0));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  LENSLET_ASSIGN_OR_RETURN(const Ints order, node.Ints("perm", reversed));
  if (!rank) {
    reversed.resize(order.size());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
  }
  Ints sorted = order;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  if (sorted != reversed) {
    return Wrong(absl::StrCat("its perm is [", absl::StrJoin(order, ", "),
                              "]; expected an order of its input's ",
                              AxesText(static_cast<int64_t>(reversed.size()))));
  }
  if (!order.empty() && order[0] != 0) {
    return Lacking(absl::StrCat(
        "it moves the axis of the batch",
        order.size() > 4 ? ", as attention with several heads does, which no "
                           "layer computes; expected convolutions or linear "
                           "layers in place of attention"
                         : "; expected it first"));
  }
  return order;
}

absl::StatusOr<ResizeSpec> ResizeModeOf(const NodeReader& node, int opset) {
  const bool is_early = node.type() == "Upsample" || opset < 11;
  LENSLET_ASSIGN_OR_RETURN(const std::string mode,
                           node.Text("mode", "nearest"));
  LENSLET_ASSIGN_OR_RETURN(const std::string coordinates,
                           node.Text("coordinate_transformation_mode",
                                     is_early ? "asymmetric" : "half_pixel"));
  LENSLET_ASSIGN_OR_RETURN(
      const std::string rounding,
      node.Text("nearest_mode", is_early ? "floor" : "round_prefer_floor"));
  ResizeSpec spec;
  if (mode == "linear" || mode == "bilinear") {
    spec.mode = ResizeMode::kLinear;
  } else if (mode != "nearest") {
    return Lacking(absl::StrCat(
        "its mode is ", QuotedName(mode), "; expected nearest or linear",
        mode == "cubic" ? ", which is the nearest to cubic: export the network "
                          "with bilinear interpolation, and train it on with "
                          "that"
                        : ""));
  }
  bool known = false;
  for (const ResizeCoordinates each :
       {ResizeCoordinates::kHalfPixel, ResizeCoordinates::kPytorchHalfPixel,
        ResizeCoordinates::kAlignCorners, ResizeCoordinates::kAsymmetric}) {
    if (coordinates != Name(each)) continue;
    spec.coordinates = each;
    known = true;
  }
  if (!known) {
    return Lacking(absl::StrCat(
        "its coordinate_transformation_mode is ", QuotedName(coordinates),
        "; expected half_pixel, pytorch_half_pixel, align_corners or "
        "asymmetric"));
  }
  known = spec.mode == ResizeMode::kLinear;
  for (const ResizeRounding each :
       {ResizeRounding::kRoundPreferFloor, ResizeRounding::kRoundPreferCeil,
        ResizeRounding::kFloor, ResizeRounding::kCeil}) {
    // Linear has none.
    if (spec.mode == ResizeMode::kLinear || rounding != Name(each)) continue;
    spec.rounding = each;
    known = true;
  }
  if (!known) {
    return Wrong(absl::StrCat("its nearest_mode is ", QuotedName(rounding)));
  }
  for (const char* attribute : {"antialias", "exclude_outside"}) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t value, node.Int(attribute, 0));
    // exclude_outside is for cubic interpolation.
    if (value != 0 && attribute[0] == 'a') {
      return Lacking("it smooths (antialias); expected 0");
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string policy,
                           node.Text("keep_aspect_ratio_policy", "stretch"));
  if (policy != "stretch") {
    return Lacking(absl::StrCat("its keep_aspect_ratio_policy is ",
                                QuotedName(policy), "; expected stretch"));
  }
  return spec;
}

absl::StatusOr<Axes> AxesAttribute(const NodeReader& node,
                                   absl::string_view attribute, int rank,
                                   int64_t otherwise) {
  LENSLET_ASSIGN_OR_RETURN(const Ints values,
                           node.Ints(attribute, Ints(rank, otherwise)));
  if (static_cast<int>(values.size()) != rank) {
    return Wrong(absl::StrCat("its ", attribute, " has ",
                              Numbers(values.size()), "; expected ", rank));
  }
  return Axes::Create(values);
}

absl::StatusOr<NodeWindow> WindowOf(const NodeReader& node, const Axes& kernel,
                                    const Axes& input) {
  const int rank = kernel.rank();
  NodeWindow result;
  Window& window = result.window;
  window.kernel = kernel;
  LENSLET_ASSIGN_OR_RETURN(window.stride,
                           AxesAttribute(node, "strides", rank, 1));
  LENSLET_ASSIGN_OR_RETURN(window.dilation,
                           AxesAttribute(node, "dilations", rank, 1));
  LENSLET_ASSIGN_OR_RETURN(const std::string auto_pad,
                           node.Text("auto_pad", "NOTSET"));
  window.padding = Padding(Axes::Filled(rank, 0), Axes::Filled(rank, 0));
  if (auto_pad == "VALID") return result;
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    result.same = true;
    result.same_upper = auto_pad == "SAME_UPPER";
    for (int i = 0; i < rank; ++i) {
      if (window.stride[i] < 1 || window.dilation[i] < 1 || kernel[i] < 1 ||
          std::max({window.stride[i], window.dilation[i], kernel[i]}) >
              kMaxAxisSize) {
        return Wrong("its kernel, strides or dilations are out of range");
      }
      const int64_t output =
          (input[i] + window.stride[i] - 1) / window.stride[i];
      const int64_t total = std::max<int64_t>(
          0, (output - 1) * window.stride[i] +
                 (kernel[i] - 1) * window.dilation[i] + 1 - input[i]);
      const int64_t less = total / 2;
      window.padding.before[i] = result.same_upper ? less : total - less;
      window.padding.after[i] = total - window.padding.before[i];
    }
    return result;
  }
  if (auto_pad != "NOTSET") {
    return Wrong(
        absl::StrCat("its auto_pad is ", QuotedName(auto_pad),
                     "; expected NOTSET, VALID, SAME_UPPER or SAME_LOWER"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Ints pads,
                           node.Ints("pads", Ints(2 * rank, 0)));
  if (static_cast<int>(pads.size()) != 2 * rank) {
    return Wrong(absl::StrCat("its pads has ", Numbers(pads.size()),
                              "; expected ", 2 * rank));
  }
  for (int i = 0; i < rank; ++i) {
    if (pads[i] < 0 || pads[rank + i] < 0) {
      return Lacking(absl::StrCat("its pads is [", absl::StrJoin(pads, ", "),
                                  "]; expected numbers of at least 0"));
    }
    window.padding.before[i] = pads[i];
    window.padding.after[i] = pads[rank + i];
  }
  return result;
}

Axes SpatialSizes(const Shape& image) {
  Axes sizes = Axes::Filled(image.rank() - 1, 0);
  for (int i = 0; i + 1 < image.rank(); ++i) sizes[i] = image.dim(i);
  return sizes;
}

bool HasPadding(const Window& window) {
  const auto is_positive = [](int64_t n) { return n > 0; };
  return std::any_of(window.padding.before.begin(), window.padding.before.end(),
                     is_positive) ||
         std::any_of(window.padding.after.begin(), window.padding.after.end(),
                     is_positive);
}

}  // namespace lenslet
