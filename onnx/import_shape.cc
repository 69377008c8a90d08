// Nodes that only change the shape or the order of axes, and concatenation.

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/onnx/node_specs.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

}  // namespace

ValueOr LayerImporter::ReshapeTo(const NodeReader& node, const ImportedValue& x,
                                 const Ints& sizes) {
  const int64_t elements = x.shape.elements();
  absl::StatusOr<Shape> as_is = Shape::Create(sizes);
  if (!as_is.ok() || as_is->elements() != elements) {
    return Wrong(absl::StrCat("it reshapes ", DimsText(x), " to [batch, ",
                              absl::StrJoin(sizes, ", "), "]; expected ",
                              Numbers(elements), " for each of the batch"));
  }
  // An output [batch] is one number, which is [batch, 1] to layers.
  if (sizes.empty() && x.shape.rank() == 1 &&
      names_of_values_.last_numbers.count(node.output()) > 0) {
    return Renamed(node, x);
  }
  if (sizes.size() == 1 && x.shape.rank() == 1) return Renamed(node, x);
  LENSLET_RETURN_IF_ERROR(Count(elements));
  const Ints indices = IndicesOf(x);
  if (sizes.size() == 1) {
    ImportedValue flat{
        .layer = x.flattened, .shape = *as_is, .axes = ChannelsFirstAxes(1)};
    if (const std::optional<int> vector = ReshapedVector(x)) {
      flat.layer = *vector;
      flat.is_shared = true;
      if (*vector >= 0) layers_[*vector].is_shared = true;
    } else if (x.flattened < 0) {
      LENSLET_ASSIGN_OR_RETURN(flat,
                               AddLayer(node, Layer(FlattenLayer()), {x}));
    }
    if (!IsAscending(indices)) flat.order = indices;
    return flat;
  }
  if (sizes.empty() || as_is->rank() >= Shape::kMaxRank) {
    return Lacking(absl::StrCat("it reshapes to the batch and ",
                                AxesText(sizes.size()), "; expected 1 to ",
                                Shape::kMaxRank - 1));
  }
  if (std::optional<ImportedValue> image = Unflattened(
          x, sizes, names_of_values_.transposed.count(node.output()) > 0)) {
    return *image;
  }
  if (std::optional<ValueOr> joined = ReshapedParts(node, x, sizes)) {
    return *joined;
  }
  return ReshapeToImage(node, x, sizes);
}

ValueOr LayerImporter::ReshapeToImage(const NodeReader& node,
                                      const ImportedValue& x,
                                      const Ints& sizes) {
  // The channels are the first of the sizes, or the last.
  Ints channels_last = sizes;
  std::rotate(channels_last.begin(), channels_last.begin() + 1,
              channels_last.end());
  LENSLET_ASSIGN_OR_RETURN(const Shape image, Shape::Create(channels_last));
  ImportedValue y{.shape = image,
                  .axes = ChannelsFirstAxes(static_cast<int>(sizes.size()))};
  const Ints indices = IndicesOf(x);
  const Ints wanted = IndicesOf(y);
  // A transposition after it says that the channels are not first yet.
  const bool is_transposed =
      names_of_values_.transposed.count(node.output()) > 0;
  bool fits = wanted == indices && !(is_transposed && IsAscending(indices));
  if (!fits && !is_transposed && x.shape.rank() == 1) {
    LENSLET_ASSIGN_OR_RETURN(fits, Reorder(x.layer, indices, wanted));
  }
  if (!fits) {
    LENSLET_ASSIGN_OR_RETURN(y.shape, Shape::Create(sizes));
    std::iota(y.axes.begin(), y.axes.end(), 0);
    bool is_ascending = IsAscending(indices);
    if (!is_ascending && x.shape.rank() == 1) {
      LENSLET_ASSIGN_OR_RETURN(is_ascending,
                               Reorder(x.layer, indices, IndicesOf(y)));
    }
    if (!is_ascending) {
      return Lacking(absl::StrCat(
          "it reshapes ", DimsText(x), " to [batch, ",
          absl::StrJoin(sizes, ", "), "], ",
          x.shape.rank() == 1 && !IsFlattened(x)
              ? "whose numbers other nodes read in another order; expected a "
                "linear layer for each of the orders"
              : "which separates what channels last keeps together; expected a "
                "flatten, or a reshape that keeps the channels"));
    }
  }
  if (y.shape == x.shape) {
    y.layer = x.layer;
    return Renamed(node, y);
  }
  const std::vector<int> axes = y.axes;
  LENSLET_ASSIGN_OR_RETURN(
      y,
      AddLayer(
          node,
          Layer(ReshapeLayer{{y.shape.dims().begin(), y.shape.dims().end()}}),
          {x}));
  y.axes = axes;
  return y;
}

bool LayerImporter::IsFlattened(const ImportedValue& x) const {
  int layer = x.layer;
  while (layer >= 0 && layers_[layer].output.rank() == 1 &&
         layers_[layer].inputs.size() == 1) {
    if (std::holds_alternative<FlattenLayer>(layers_[layer].layer.spec())) {
      return true;
    }
    if (std::holds_alternative<LinearLayer>(layers_[layer].layer.spec())) {
      return false;
    }
    layer = layers_[layer].inputs[0];
  }
  return false;
}

std::optional<int> LayerImporter::ReshapedVector(const ImportedValue& x) const {
  if (x.layer < 0 ||
      !std::holds_alternative<ReshapeLayer>(layers_[x.layer].layer.spec())) {
    return std::nullopt;
  }
  const int input = layers_[x.layer].inputs[0];
  const Shape& shape = input < 0 ? input_shape_ : layers_[input].output;
  return shape.rank() == 1 ? std::optional<int>(input) : std::nullopt;
}

std::optional<ImportedValue> LayerImporter::Unflattened(const ImportedValue& x,
                                                        const Ints& sizes,
                                                        bool is_transposed) {
  if (x.layer < 0 ||
      !std::holds_alternative<FlattenLayer>(layers_[x.layer].layer.spec())) {
    return std::nullopt;
  }
  const int input = layers_[x.layer].inputs[0];
  ImportedValue image{.layer = input,
                      .shape = input < 0 ? input_shape_ : layers_[input].output,
                      .axes = ChannelsFirstAxes(static_cast<int>(sizes.size())),
                      .is_shared = true,
                      .flattened = x.layer};
  if (image.shape.rank() != static_cast<int>(sizes.size())) {
    return std::nullopt;
  }
  const Ints indices = IndicesOf(x);
  if (DimsOf(image) != sizes || IndicesOf(image) != indices) {
    if (!is_transposed && image.shape.dim(image.shape.rank() - 1) == 1) {
      return std::nullopt;
    }
    std::iota(image.axes.begin(), image.axes.end(), 0);
    if (DimsOf(image) != sizes || IndicesOf(image) != indices) {
      return std::nullopt;
    }
  }
  // The flattened value is read, too.
  if (input >= 0) layers_[input].is_shared = true;
  return image;
}

absl::StatusOr<Ints> LayerImporter::ReshapedSizes(const NodeReader& node,
                                                  const Ints& dims) const {
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> shape,
                           IntsFrom(node, 1, "shape"));
  LENSLET_ASSIGN_OR_RETURN(const int64_t allow_zero, node.Int("allowzero", 0));
  if (!shape || shape->empty()) return Wrong("its shape is missing");
  const int64_t elements = std::accumulate(dims.begin(), dims.end(), int64_t{1},
                                           std::multiplies<>());
  const auto no_batch = [&] {
    return Lacking(absl::StrCat("it reshapes [batch", dims.empty() ? "" : ", ",
                                absl::StrJoin(dims, ", "), "] to ",
                                SizesText(*shape),
                                "; expected the batch first"));
  };
  const std::string what = absl::StrCat("its shape is ", SizesText(*shape));
  if (std::count(shape->begin(), shape->end(), -1) > 1) {
    return Wrong(absl::StrCat(what, "; expected -1 only once"));
  }
  Ints sizes = *shape;
  int64_t known = 1;
  int inferred = -1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 && allow_zero == 0 && i <= dims.size()) {
      sizes[i] = i == 0 ? kBatchSize : dims[i - 1];
    }
    if (sizes[i] == 0 && allow_zero == 0) {
      return Wrong(absl::StrCat(what, "; expected 0 only for the ",
                                AxesText(1 + static_cast<int64_t>(dims.size())),
                                " of its input"));
    }
    if (sizes[i] < -1 && sizes[i] != kBatchSize) {
      return Wrong(absl::StrCat(what, "; expected numbers of at least -1"));
    }
    if (i == 0) continue;
    if (sizes[i] == -1) {
      inferred = static_cast<int>(i);
    } else if (sizes[i] < 1 || known > elements / sizes[i]) {
      return no_batch();
    } else {
      known *= sizes[i];
    }
  }
  if (inferred > 0) sizes[inferred] = elements / known;
  // A model for one image, or for any number of them.
  const bool keeps_batch = sizes[0] == kBatchSize || sizes[0] == 1 ||
                           sizes[0] == names_of_values_.images ||
                           (sizes[0] == -1 && inferred < 0);
  if (!keeps_batch) return no_batch();
  sizes.erase(sizes.begin());
  return sizes;
}

ValueOr LayerImporter::ReshapeNode(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  if (const std::optional<Ints> for_one = ReshapedSizesForOne(node, x)) {
    return ReshapeForOne(node, x, *for_one);
  }
  if (x.lacks_batch) {
    return Lacking(absl::StrCat("it reshapes ", DimsText(x),
                                ", which has no axis of the batch, to a shape "
                                "that does not fit"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Ints sizes, ReshapedSizes(node, DimsOf(x)));
  return ReshapeTo(node, x, sizes);
}

ValueOr LayerImporter::FlattenNode(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis, node.Int("axis", 1));
  if (x.lacks_batch) {
    if (axis != 0) return Lacking("it flattens a value without the batch");
    return ReshapeForOne(node, x, {1, x.shape.elements()});
  }
  if (axis != 1 && axis != -static_cast<int64_t>(x.axes.size())) {
    return Lacking(absl::StrCat("its axis is ", axis, "; expected 1"));
  }
  return ReshapeTo(node, x, {x.shape.elements()});
}

ValueOr LayerImporter::SqueezeNode(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  if (names_of_values_.is_for_one) {
    LENSLET_ASSIGN_OR_RETURN(Ints for_one, SqueezedSizesForOne(node, x));
    return ReshapeForOne(node, x, std::move(for_one));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> given,
                           IntsFrom(node, 1, "axes"));
  const bool removes = node.type() == "Squeeze";
  Ints sizes = DimsOf(x);
  const auto rank = static_cast<int64_t>(
      1 + sizes.size() + (removes || !given ? 0 : given->size()));
  if (rank > Shape::kMaxRank) {
    return Lacking(absl::StrCat("its output has ", AxesText(rank),
                                "; expected at most ", Shape::kMaxRank));
  }
  Ints axes;
  if (given) {
    axes = *given;
  } else {
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] == 1) axes.push_back(static_cast<int64_t>(i) + 1);
    }
  }
  for (int64_t& axis : axes) {
    if (axis < 0) axis += rank;
    if (axis < 1 || axis >= rank) {
      return Lacking(absl::StrCat("its axes have ", axis, "; expected 1 to ",
                                  rank - 1, ", without the batch"));
    }
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
    return Wrong("its axes repeat");
  }
  if (removes) std::reverse(axes.begin(), axes.end());
  for (const int64_t axis : axes) {
    if (removes) {
      if (sizes[axis - 1] != 1)
        return Wrong("an axis has more than one number");
      sizes.erase(sizes.begin() + (axis - 1));
    } else {
      sizes.insert(sizes.begin() + (axis - 1), 1);
    }
  }
  return ReshapeTo(node, x, sizes);
}

ValueOr LayerImporter::Transpose(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  const auto rank = static_cast<int64_t>(x.axes.size()) + 1;
  if (rank == 2 && (x.is_plain() || x.form == Form::kBatchLast)) {
    LENSLET_ASSIGN_OR_RETURN(const Ints perm, node.Ints("perm", {1, 0}));
    if (perm == Ints{1, 0}) {
      x.form = x.is_plain() ? Form::kBatchLast : Form::kPlain;
      return x;
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const Ints order, OrderOf(node, rank));
  const std::vector<int> axes = x.axes;
  for (int64_t i = 1; i < rank; ++i) x.axes[i - 1] = axes[order[i] - 1];
  return Renamed(node, x);
}

ValueOr LayerImporter::Concat(const NodeReader& node) {
  std::vector<ImportedValue> inputs;
  for (int i = 0; i < node.input_count(); ++i) {
    if (FindConstant(node, i) != nullptr) {
      return Lacking("it concatenates a constant; expected values only");
    }
    LENSLET_ASSIGN_OR_RETURN(ImportedValue x, PlainValue(node, i));
    inputs.push_back(std::move(x));
  }
  if (inputs.empty()) return Wrong("it has no inputs");
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis, node.Int("axis", 1));
  LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axis, inputs[0]));
  if (inputs.size() == 1) return Renamed(node, inputs[0]);
  bool ordered = true;
  for (const ImportedValue& x : inputs) {
    if (x.axes != inputs[0].axes) {
      return Lacking("its inputs have their axes in different orders");
    }
    ordered = ordered && x.order.empty();
  }
  const int lenslet_axis = inputs[0].axes[inner];
  const int channels = inputs[0].shape.rank() - 1;
  ConcatSpec spec;
  if (lenslet_axis != channels) spec.axis = lenslet_axis;
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, Layer(spec), inputs));
  y.axes = inputs[0].axes;
  if (!ordered) {
    LENSLET_RETURN_IF_ERROR(Count(y.shape.elements()));
    int64_t first = 0;
    for (const ImportedValue& x : inputs) {
      for (const int64_t i : IndicesOf(x)) y.order.push_back(first + i);
      first += x.shape.elements();
    }
  }
  return y;
}

}  // namespace lenslet
