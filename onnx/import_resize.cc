// Resizing of images.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/onnx/node_specs.h"
#include "lenslet/ops/axes.h"

namespace lenslet {
namespace {

using ValueOr = absl::StatusOr<ImportedValue>;

}  // namespace

ValueOr LayerImporter::Resize(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, Image(node, 0));
  const int rank = x.shape.rank() - 1;
  // Up to version 10, the scales are the second input; Upsample had an
  // attribute first.
  const bool is_early = node.type() == "Upsample" || opset_ < 11;
  LENSLET_ASSIGN_OR_RETURN(ResizeSpec spec, ResizeModeOf(node, opset_));
  std::vector<double> numbers;
  const int scales_input = is_early ? 1 : 2;
  if (node.HasInput(3)) {
    LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> sizes,
                             IntsFrom(node, 3, "sizes"));
    for (const int64_t size : sizes.value_or(Ints())) {
      numbers.push_back(static_cast<double>(size));
    }
  } else if (node.HasInput(scales_input)) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* scales,
                             FloatConstant(node, scales_input, "scales"));
    numbers.assign(scales->floats.begin(), scales->floats.end());
  } else {
    LENSLET_ASSIGN_OR_RETURN(const std::vector<float> scales,
                             node.Floats("scales"));
    numbers.assign(scales.begin(), scales.end());
  }
  const bool has_sizes = node.HasInput(3);
  // Version 18 may name the axes.
  Ints axes(rank + 2);
  std::iota(axes.begin(), axes.end(), 0);
  LENSLET_ASSIGN_OR_RETURN(axes, node.Ints("axes", axes));
  if (axes.size() != numbers.size()) {
    return Wrong(absl::StrCat("it has ",
                              CountText(static_cast<int64_t>(numbers.size()),
                                        has_sizes ? "size" : "scale"),
                              "; expected ", axes.size()));
  }
  std::vector<double> by_axis(rank);
  for (int i = 0; i < rank; ++i) {
    by_axis[i] = has_sizes ? static_cast<double>(x.shape.dim(i)) : 1.0;
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t axis = axes[i] < 0 ? axes[i] + rank + 2 : axes[i];
    if (axis < 0 || axis >= rank + 2) return Wrong("its axes are out of range");
    if (axis > 1) {
      by_axis[axis - 2] = numbers[i];
      continue;
    }
    const bool keeps =
        !has_sizes ? numbers[i] == 1
        : axis == 1
            ? numbers[i] == static_cast<double>(x.shape.dim(rank))
            : numbers[i] == static_cast<double>(kBatchSize) || numbers[i] == 1;
    if (!keeps) {
      return Lacking("it resizes the batch or the channels; expected images");
    }
  }
  for (int i = 0; i < rank && !has_sizes; ++i) {
    const double size = static_cast<double>(x.shape.dim(i)) * by_axis[i];
    if (spec.coordinates == ResizeCoordinates::kAlignCorners &&
        size != std::floor(size)) {
      return Lacking(absl::StrCat(
          "its scale makes ", size, " of ", x.shape.dim(i),
          " positions with align_corners, where programs differ; expected "
          "sizes or whole numbers of positions"));
    }
  }
  const bool all_same =
      std::equal(by_axis.begin() + 1, by_axis.end(), by_axis.begin());
  if (all_same) by_axis.resize(1);
  if (has_sizes) {
    Ints sizes;
    for (const double size : by_axis) {
      if (!(size >= 1 && size <= kMaxAxisSize)) {
        return Wrong("its sizes are out of range");
      }
      sizes.push_back(static_cast<int64_t>(size));
    }
    LENSLET_ASSIGN_OR_RETURN(spec.output, Axes::Create(sizes));
  } else {
    spec.scale.assign(by_axis.begin(), by_axis.end());
  }
  return AddLayer(node, Layer(spec), {x});
}

}  // namespace lenslet
