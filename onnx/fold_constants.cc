#include "lenslet/onnx/fold_constants.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/fold_functions.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/nearest_form.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

OnnxConstant FromInts(Ints dims, Ints ints) {
  return {.dims = std::move(dims),
          .type = onnx::TensorProto::INT64,
          .ints = std::move(ints)};
}

absl::Status CheckAxisCount(size_t axes) {
  return CheckSize(Ints(axes, 1), {});
}

ConstantOr Reshape(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  OnnxConstant y = *inputs[0];
  if (inputs[1]->is_float()) return Wrong("its shape is not of whole numbers");
  LENSLET_RETURN_IF_ERROR(CheckAxisCount(inputs[1]->ints.size()));
  LENSLET_ASSIGN_OR_RETURN(const int64_t allow_zero, node.Int("allowzero", 0));
  Ints dims = inputs[1]->ints;
  int64_t known = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && i < y.dims.size() && allow_zero == 0)
      dims[i] = y.dims[i];
    if (dims[i] < -1) return Wrong("its shape depends on the number of images");
    if (dims[i] > 0) known *= dims[i];
    if (known <= 0 || known > y.size()) break;
  }
  if (std::count(dims.begin(), dims.end(), -1) > 1) {
    return Wrong("its shape has several sizes to infer");
  }
  for (int64_t& dim : dims) {
    if (dim == -1) dim = known > 0 ? y.size() / known : 0;
  }
  if (known <= 0 || known > y.size() || ProductOf(dims) != y.size()) {
    return Wrong(absl::StrCat("it reshapes ", CountText(y.size(), "number"),
                              " to ", SizesText(dims)));
  }
  y.dims = std::move(dims);
  return y;
}

ConstantOr Unsqueeze(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(Ints axes, IntsOf(node, inputs, 1, "axes"));
  LENSLET_RETURN_IF_ERROR(CheckAxisCount(inputs[0]->dims.size() + axes.size()));
  OnnxConstant y = *inputs[0];
  const auto rank = static_cast<int64_t>(y.dims.size() + axes.size());
  for (int64_t& axis : axes) {
    LENSLET_ASSIGN_OR_RETURN(axis, AxisOf(axis, rank));
  }
  std::sort(axes.begin(), axes.end());
  for (const int64_t axis : axes) {
    if (axis > static_cast<int64_t>(y.dims.size()))
      return Wrong("its axes repeat");
    y.dims.insert(y.dims.begin() + axis, 1);
  }
  return y;
}

ConstantOr Squeeze(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(const Ints axes, IntsOf(node, inputs, 1, "axes"));
  OnnxConstant y = *inputs[0];
  const auto rank = static_cast<int64_t>(y.dims.size());
  std::vector<bool> drop(rank, axes.empty());
  for (const int64_t axis : axes) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t i, AxisOf(axis, rank));
    if (y.dims[i] != 1) return Wrong("it squeezes an axis whose size is not 1");
    drop[i] = true;
  }
  Ints dims;
  for (int64_t i = 0; i < rank; ++i) {
    if (!drop[i] || y.dims[i] != 1) dims.push_back(y.dims[i]);
  }
  y.dims = std::move(dims);
  return y;
}

ConstantOr Flatten(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  OnnxConstant y = *inputs[0];
  const auto rank = static_cast<int64_t>(y.dims.size());
  LENSLET_ASSIGN_OR_RETURN(int64_t axis, node.Int("axis", 1));
  if (axis != rank) {
    LENSLET_ASSIGN_OR_RETURN(axis, AxisOf(axis, rank));
  }
  if (y.size() == 0) return Lacking("it flattens a constant without numbers");
  const int64_t rows = ProductOf(Ints(y.dims.begin(), y.dims.begin() + axis));
  y.dims = {rows, y.size() / rows};
  return y;
}

// An array as blocks of `inner` numbers, `size` of them `outer` times.
struct Blocks {
  int64_t outer = 1;
  int64_t size = 0;
  int64_t inner = 1;
};

Blocks BlocksAlong(const Ints& dims, int64_t axis) {
  return {.outer = ProductOf(Ints(dims.begin(), dims.begin() + axis)),
          .size = dims[axis],
          .inner = ProductOf(Ints(dims.begin() + axis + 1, dims.end()))};
}

// Takes blocks along an axis, whose size becomes the sizes `taken_dims`.
ConstantOr TakeAlong(const OnnxConstant& x, int64_t axis, const Ints& taken,
                     const Ints& taken_dims, ConstantInputs inputs) {
  Ints dims(x.dims.begin(), x.dims.begin() + axis);
  dims.insert(dims.end(), taken_dims.begin(), taken_dims.end());
  dims.insert(dims.end(), x.dims.begin() + axis + 1, x.dims.end());
  LENSLET_RETURN_IF_ERROR(CheckSize(dims, inputs));
  const auto [outer, size, inner] = BlocksAlong(x.dims, axis);
  Ints indices;
  for (int64_t o = 0; o < outer; ++o) {
    for (const int64_t i : taken) {
      for (int64_t k = 0; k < inner; ++k) {
        indices.push_back((o * size + i) * inner + k);
      }
    }
  }
  return Select(x, std::move(dims), indices);
}

// Without numbers, sizes may be any.
absl::Status CheckNotEmpty(const OnnxConstant& x) {
  return x.size() > 0 || x.dims.size() == 1
             ? absl::OkStatus()
             : Lacking("of constants without numbers, only vectors can be cut");
}

ConstantOr Gather(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  const OnnxConstant& x = *inputs[0];
  LENSLET_RETURN_IF_ERROR(CheckNotEmpty(x));
  LENSLET_ASSIGN_OR_RETURN(int64_t axis, node.Int("axis", 0));
  LENSLET_ASSIGN_OR_RETURN(axis,
                           AxisOf(axis, static_cast<int64_t>(x.dims.size())));
  if (inputs[1]->is_float()) return Wrong("its indices are not whole numbers");
  Ints indices = inputs[1]->ints;
  for (int64_t& i : indices) {
    if (i < 0 && i != kBatchSize) i += x.dims[axis];
    if (i < 0 || i >= x.dims[axis]) return Wrong("an index is out of range");
  }
  return TakeAlong(x, axis, indices, inputs[1]->dims, inputs);
}

// The indices that a slice of an axis takes. `step` is not 0.
Ints SlicedIndices(int64_t size, int64_t start, int64_t end, int64_t step) {
  const bool forward = step > 0;
  const auto clamp = [&](int64_t i) {
    if (i < 0) i = std::max<int64_t>(i, -size - 1) + size;
    return std::clamp<int64_t>(i, forward ? 0 : -1, forward ? size : size - 1);
  };
  const int64_t last = !forward && end < -size ? int64_t{-1} : clamp(end);
  // A step beyond the axis ends the loop at once.
  step = std::clamp<int64_t>(step, -size - 1, size + 1);
  Ints taken;
  for (int64_t i = clamp(start); forward ? i < last : i > last; i += step) {
    taken.push_back(i);
  }
  return taken;
}

ConstantOr Slice(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(const Ints starts,
                           IntsOf(node, inputs, 1, "starts"));
  LENSLET_ASSIGN_OR_RETURN(const Ints ends, IntsOf(node, inputs, 2, "ends"));
  LENSLET_ASSIGN_OR_RETURN(Ints axes, IntsOf(node, inputs, 3, "axes"));
  LENSLET_ASSIGN_OR_RETURN(Ints steps, IntsOf(node, inputs, 4, "steps"));
  OnnxConstant y = *inputs[0];
  const auto rank = static_cast<int64_t>(y.dims.size());
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (starts.size() != ends.size() || axes.size() != ends.size() ||
      steps.size() != ends.size() || axes.size() > kMaxConstantAxes) {
    return Wrong(absl::StrCat("it has ", Numbers(starts.size()), " as starts, ",
                              ends.size(), " as ends, ", axes.size(),
                              " as axes and ", steps.size(),
                              " as steps; expected one for each axis"));
  }
  LENSLET_RETURN_IF_ERROR(CheckNotEmpty(y));
  for (size_t i = 0; i < axes.size(); ++i) {
    if (steps[i] == 0) return Wrong("its step is 0");
    LENSLET_ASSIGN_OR_RETURN(const int64_t axis, AxisOf(axes[i], rank));
    const Ints taken =
        SlicedIndices(y.dims[axis], starts[i], ends[i], steps[i]);
    LENSLET_ASSIGN_OR_RETURN(
        y, TakeAlong(y, axis, taken, {static_cast<int64_t>(taken.size())},
                     inputs));
    // Other axes of nothing have nothing, too.
    if (y.size() == 0 && i + 1 < axes.size()) {
      return Lacking("it takes no numbers along an axis before the last");
    }
  }
  return y;
}

ConstantOr Concat(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(
      CheckGiven(inputs, std::max<size_t>(inputs.size(), 1)));
  OnnxConstant y{.dims = inputs[0]->dims, .type = inputs[0]->type};
  LENSLET_ASSIGN_OR_RETURN(int64_t axis, node.Int("axis", 0));
  LENSLET_ASSIGN_OR_RETURN(axis,
                           AxisOf(axis, static_cast<int64_t>(y.dims.size())));
  y.dims[axis] = 0;
  for (const OnnxConstant* x : inputs) {
    Ints others = x->dims;
    if (others.size() == y.dims.size()) others[axis] = y.dims[axis];
    if (x->type != y.type || others != y.dims) {
      return Wrong(absl::StrCat("its inputs are ", SizesText(inputs[0]->dims),
                                " of type ", ElementTypeName(y.type), " and ",
                                SizesText(x->dims), " of type ",
                                ElementTypeName(x->type),
                                "; expected one type and equal sizes, but "
                                "along axis ",
                                axis));
    }
    if (__builtin_add_overflow(y.dims[axis], x->dims[axis], &y.dims[axis])) {
      return Wrong("its result is too large");
    }
  }
  const auto append = [&](const auto& from, auto& to, int64_t outer,
                          int64_t outer_count) {
    const auto block = static_cast<int64_t>(from.size()) / outer_count;
    to.insert(to.end(), from.begin() + outer * block,
              from.begin() + (outer + 1) * block);
  };
  const bool has_numbers =
      std::any_of(inputs.begin(), inputs.end(),
                  [](const OnnxConstant* x) { return x->size() > 0; });
  const int64_t outer = has_numbers ? BlocksAlong(y.dims, axis).outer : 0;
  for (int64_t o = 0; o < outer; ++o) {
    for (const OnnxConstant* x : inputs) {
      append(x->floats, y.floats, o, outer);
      append(x->doubles, y.doubles, o, outer);
      append(x->ints, y.ints, o, outer);
    }
  }
  return y;
}

// The numbers of a shape, for a result of which not all comes from inputs.
absl::StatusOr<Ints> WantedSizes(const OnnxConstant& shape,
                                 ConstantInputs inputs) {
  if (shape.is_float()) return Wrong("its shape is not of whole numbers");
  if (std::count(shape.ints.begin(), shape.ints.end(), kBatchSize) > 0) {
    return Lacking(absl::StrCat(
        "its shape is ", SizesText(shape.ints),
        "; expected sizes of one example, which layers repeat for each"));
  }
  LENSLET_RETURN_IF_ERROR(CheckSize(shape.ints, inputs));
  return shape.ints;
}

ConstantOr ConstantOfShape(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(const Ints dims, WantedSizes(*inputs[0], inputs));
  OnnxConstant filler{.dims = {1}, .floats = {0}};
  if (const onnx::TensorProto* value = node.Tensor("value")) {
    LENSLET_ASSIGN_OR_RETURN(filler, ConstantOf(*value, ""));
  }
  if (filler.size() != 1) return Wrong("its value is not one number");
  return Select(filler, dims, Ints(ProductOf(dims), 0));
}

ConstantOr Expand(ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  const OnnxConstant& x = *inputs[0];
  LENSLET_ASSIGN_OR_RETURN(Ints sizes, WantedSizes(*inputs[1], inputs));
  LENSLET_ASSIGN_OR_RETURN(sizes, BroadcastSizes(x.dims, sizes));
  LENSLET_RETURN_IF_ERROR(CheckSize(sizes, inputs));
  const Ints strides = BroadcastStrides(x.dims, sizes);
  Ints indices(ProductOf(sizes));
  Ints position(sizes.size(), 0);
  for (int64_t& index : indices) {
    for (size_t axis = 0; axis < sizes.size(); ++axis) {
      index += position[axis] * strides[axis];
    }
    for (size_t axis = sizes.size();
         axis-- > 0 && ++position[axis] == sizes[axis];) {
      position[axis] = 0;
    }
  }
  return Select(x, std::move(sizes), indices);
}

ConstantOr Tile(ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  OnnxConstant y = *inputs[0];
  const OnnxConstant& repeats = *inputs[1];
  if (repeats.is_float() || repeats.ints.size() != y.dims.size()) {
    return Wrong("its repeats are no whole number for each axis");
  }
  LENSLET_RETURN_IF_ERROR(CheckNotEmpty(y));
  for (size_t axis = 0; axis < y.dims.size(); ++axis) {
    const int64_t size = y.dims[axis];
    Ints dims = y.dims;
    if (repeats.ints[axis] < 1 || repeats.ints[axis] == kBatchSize ||
        __builtin_mul_overflow(size, repeats.ints[axis], &dims[axis])) {
      return Lacking(absl::StrCat("its repeats are ", SizesText(repeats.ints),
                                  "; expected numbers of at least 1"));
    }
    LENSLET_RETURN_IF_ERROR(CheckSize(dims, inputs));
    Ints taken(dims[axis]);
    for (size_t i = 0; i < taken.size(); ++i) {
      taken[i] = static_cast<int64_t>(i) % size;
    }
    LENSLET_ASSIGN_OR_RETURN(y, TakeAlong(y, static_cast<int64_t>(axis), taken,
                                          {dims[axis]}, inputs));
  }
  return y;
}

ConstantOr Range(ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 3));
  double numbers[3];
  for (int i = 0; i < 3; ++i) {
    const OnnxConstant& x = *inputs[i];
    if (x.size() != 1 || x.type != inputs[0]->type) {
      return Wrong("its inputs are not three numbers of one type");
    }
    // Those of images are far below 2^53.
    numbers[i] = x.is_float() ? x.NumberAt(0) : static_cast<double>(x.ints[0]);
    if (!(std::abs(numbers[i]) < 0x1p53)) {
      return Lacking(absl::StrCat("its inputs have ",
                                  !x.is_float() && x.ints[0] == kBatchSize
                                      ? "the number of images"
                                      : "a number over 2^53",
                                  "; expected numbers below that"));
    }
  }
  const auto [start, limit, step] = numbers;
  const double count = std::ceil((limit - start) / step);
  if (!(std::abs(count) < 0x1p53)) return Wrong("its step is 0");
  OnnxConstant y{.dims = {std::max<int64_t>(0, static_cast<int64_t>(count))},
                 .type = inputs[0]->type};
  LENSLET_RETURN_IF_ERROR(CheckSize(y.dims, inputs));
  for (int64_t i = 0; i < y.dims[0]; ++i) {
    const double number = start + static_cast<double>(i) * step;
    if (y.is_float()) {
      y.Append(number);
    } else {
      y.ints.push_back(static_cast<int64_t>(number));
    }
  }
  return y;
}

ConstantOr Transpose(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  Ints reversed(inputs[0]->dims.size());
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  LENSLET_ASSIGN_OR_RETURN(const Ints order, node.Ints("perm", reversed));
  Ints sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (!std::equal(sorted.begin(), sorted.end(), reversed.rbegin(),
                  reversed.rend())) {
    return Wrong("its perm is no permutation of the axes");
  }
  return Transposed(*inputs[0], order);
}

// What only moves, repeats or makes numbers; nullopt for other nodes.
std::optional<ConstantOr> FoldMoves(const NodeReader& node,
                                    ConstantInputs inputs) {
  const std::string& type = node.type();
  if (type == "Reshape") return Reshape(node, inputs);
  if (type == "Flatten") return Flatten(node, inputs);
  if (type == "Unsqueeze") return Unsqueeze(node, inputs);
  if (type == "Squeeze") return Squeeze(node, inputs);
  if (type == "Gather") return Gather(node, inputs);
  if (type == "Slice") return Slice(node, inputs);
  if (type == "Concat") return Concat(node, inputs);
  if (type == "ConstantOfShape") return ConstantOfShape(node, inputs);
  if (type == "Expand") return Expand(inputs);
  if (type == "Tile") return Tile(inputs);
  if (type == "Range") return Range(inputs);
  if (type == "Transpose") return Transpose(node, inputs);
  if (type != "Identity" && type != "Dropout" && type != "Shape" &&
      type != "Size") {
    return std::nullopt;
  }
  if (absl::Status given = CheckGiven(inputs, 1); !given.ok()) return given;
  if (type == "Shape") return ShapeFrom(node, inputs[0]->dims);
  if (type == "Size") return FromInts({}, {inputs[0]->size()});
  return *inputs[0];
}

}  // namespace

OnnxConstant Transposed(const OnnxConstant& constant, const Ints& order) {
  const auto rank = static_cast<int64_t>(order.size());
  Ints strides(rank, 1);
  for (int64_t i = rank - 2; i >= 0; --i) {
    strides[i] = strides[i + 1] * constant.dims[i + 1];
  }
  Ints dims, steps;
  for (const int64_t axis : order) {
    dims.push_back(constant.dims[axis]);
    steps.push_back(strides[axis]);
  }
  Ints indices;
  indices.reserve(constant.size());
  Ints position(rank, 0);
  for (int64_t n = 0; n < constant.size(); ++n) {
    int64_t index = 0;
    for (int64_t i = 0; i < rank; ++i) index += position[i] * steps[i];
    indices.push_back(index);
    for (int64_t i = rank - 1; i >= 0 && ++position[i] == dims[i]; --i) {
      position[i] = 0;
    }
  }
  return Select(constant, std::move(dims), indices);
}

ConstantOr ShapeFrom(const NodeReader& node, const Ints& sizes) {
  const auto rank = static_cast<int64_t>(sizes.size());
  LENSLET_ASSIGN_OR_RETURN(int64_t start, node.Int("start", 0));
  LENSLET_ASSIGN_OR_RETURN(int64_t end, node.Int("end", rank));
  for (int64_t* bound : {&start, &end}) {
    if (*bound < 0) *bound = std::max(*bound, -rank) + rank;
    *bound = std::min(*bound, rank);
  }
  Ints taken(sizes.begin() + start, sizes.begin() + std::max(start, end));
  return FromInts({static_cast<int64_t>(taken.size())}, taken);
}

ConstantOr FoldConstants(const NodeReader& node, ConstantInputs inputs) {
  if (std::optional<ConstantOr> y = FoldMoves(node, inputs)) return *y;
  if (std::optional<ConstantOr> y = FoldElementwise(node, inputs)) return *y;
  if (std::optional<ConstantOr> y = FoldSums(node, inputs)) return *y;
  return Lacking(absl::StrCat("Lenslet does not compute it of constants",
                              NearestForm(node.type())));
}

}  // namespace lenslet
