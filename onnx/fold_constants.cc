#include "lenslet/onnx/fold_constants.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/nearest_form.h"

namespace lenslet {
namespace {

using ConstantOr = absl::StatusOr<OnnxConstant>;
using Inputs = absl::Span<const OnnxConstant* const>;

// Shapes have few numbers; this is far more than any of them has.
constexpr int64_t kMaxFilled = 1 << 20;

absl::Status Bad(const std::string& reason) {
  return absl::InvalidArgumentError(reason);
}

int64_t Product(const Ints& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1},
                         std::multiplies<>());
}

OnnxConstant FromInts(Ints dims, Ints ints) {
  return {.dims = std::move(dims), .is_float = false, .ints = std::move(ints)};
}

// Takes elements by their index.
OnnxConstant Select(const OnnxConstant& x, Ints dims, const Ints& indices) {
  OnnxConstant y{.dims = std::move(dims), .is_float = x.is_float};
  for (const int64_t i : indices) {
    if (x.is_float) {
      y.floats.push_back(x.floats[i]);
    } else {
      y.ints.push_back(x.ints[i]);
    }
  }
  return y;
}

absl::Status CheckGiven(Inputs inputs, size_t count) {
  if (inputs.size() >= count &&
      std::none_of(
          inputs.begin(), inputs.begin() + count,
          [](const OnnxConstant* input) { return input == nullptr; })) {
    return absl::OkStatus();
  }
  return Bad(absl::StrCat(
      "it has ", CountText(static_cast<int64_t>(inputs.size()), "input"),
      "; expected ", count));
}

// The numbers of an optional input, or else of an attribute. Operators changed
// from one to the other.
absl::StatusOr<Ints> IntsOf(const NodeReader& node, Inputs inputs, size_t i,
                            absl::string_view attribute) {
  if (i < inputs.size() && inputs[i] != nullptr) {
    if (inputs[i]->is_float) {
      return Bad(absl::StrCat("its ", attribute, " are not whole numbers"));
    }
    return inputs[i]->ints;
  }
  return node.Ints(attribute, {});
}

absl::Status CheckAxes(size_t axes) {
  if (axes <= kMaxConstantAxes) return absl::OkStatus();
  return Bad(absl::StrCat("its result has ",
                          AxesText(static_cast<int64_t>(axes)),
                          "; expected at most ", kMaxConstantAxes));
}

absl::StatusOr<int64_t> AxisOf(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    return Bad(
        absl::StrCat("its axis is ", axis, "; its input has ", AxesText(rank)));
  }
  return axis < 0 ? axis + rank : axis;
}

ConstantOr Reshape(const NodeReader&, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  OnnxConstant y = *inputs[0];
  if (inputs[1]->is_float) return Bad("its shape is not of whole numbers");
  LENSLET_RETURN_IF_ERROR(CheckAxes(inputs[1]->ints.size()));
  Ints dims = inputs[1]->ints;
  int64_t known = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && i < y.dims.size()) dims[i] = y.dims[i];
    if (dims[i] < -1) return Bad("its shape depends on the number of images");
    if (dims[i] > 0) known *= dims[i];
    if (known <= 0 || known > y.size()) break;
  }
  if (std::count(dims.begin(), dims.end(), -1) > 1) {
    return Bad("its shape has several sizes to infer");
  }
  for (int64_t& dim : dims) {
    if (dim == -1) dim = known > 0 ? y.size() / known : 0;
  }
  if (known <= 0 || known > y.size() || Product(dims) != y.size()) {
    return Bad(absl::StrCat("it reshapes ", CountText(y.size(), "number"),
                            " to [", absl::StrJoin(dims, ", "), "]"));
  }
  y.dims = std::move(dims);
  return y;
}

ConstantOr Unsqueeze(const NodeReader& node, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(Ints axes, IntsOf(node, inputs, 1, "axes"));
  LENSLET_RETURN_IF_ERROR(CheckAxes(inputs[0]->dims.size() + axes.size()));
  OnnxConstant y = *inputs[0];
  const auto rank = static_cast<int64_t>(y.dims.size() + axes.size());
  for (int64_t& axis : axes) {
    LENSLET_ASSIGN_OR_RETURN(axis, AxisOf(axis, rank));
  }
  std::sort(axes.begin(), axes.end());
  for (const int64_t axis : axes) {
    if (axis > static_cast<int64_t>(y.dims.size()))
      return Bad("its axes repeat");
    y.dims.insert(y.dims.begin() + axis, 1);
  }
  return y;
}

ConstantOr Squeeze(const NodeReader& node, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(const Ints axes, IntsOf(node, inputs, 1, "axes"));
  OnnxConstant y = *inputs[0];
  const auto rank = static_cast<int64_t>(y.dims.size());
  std::vector<bool> drop(rank, axes.empty());
  for (const int64_t axis : axes) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t i, AxisOf(axis, rank));
    if (y.dims[i] != 1) return Bad("it squeezes an axis whose size is not 1");
    drop[i] = true;
  }
  Ints dims;
  for (int64_t i = 0; i < rank; ++i) {
    if (!drop[i] || y.dims[i] != 1) dims.push_back(y.dims[i]);
  }
  y.dims = std::move(dims);
  return y;
}

ConstantOr Gather(const NodeReader& node, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  const OnnxConstant& x = *inputs[0];
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis, node.Int("axis", 0));
  if (axis != 0 || x.dims.size() != 1 || inputs[1]->is_float) {
    return absl::UnimplementedError(
        "of constants, only vectors can be gathered from");
  }
  Ints indices = inputs[1]->ints;
  for (int64_t& i : indices) {
    if (i < 0) i += x.size();
    if (i < 0 || i >= x.size()) return Bad("an index is out of range");
  }
  return Select(x, inputs[1]->dims, indices);
}

ConstantOr Slice(const NodeReader& node, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  const OnnxConstant& x = *inputs[0];
  LENSLET_ASSIGN_OR_RETURN(const Ints starts,
                           IntsOf(node, inputs, 1, "starts"));
  LENSLET_ASSIGN_OR_RETURN(const Ints ends, IntsOf(node, inputs, 2, "ends"));
  LENSLET_ASSIGN_OR_RETURN(const Ints axes, IntsOf(node, inputs, 3, "axes"));
  LENSLET_ASSIGN_OR_RETURN(Ints steps, IntsOf(node, inputs, 4, "steps"));
  if (steps.empty()) steps = {1};
  if (starts.size() != 1 || ends.size() != 1 || steps.size() != 1 ||
      axes.size() > 1) {
    return absl::UnimplementedError(
        "of constants, only one axis can be sliced at a time");
  }
  if (steps[0] == 0) return Bad("its step is 0");
  LENSLET_ASSIGN_OR_RETURN(
      const int64_t axis,
      AxisOf(axes.empty() ? 0 : axes[0], static_cast<int64_t>(x.dims.size())));
  // Without numbers, sizes may be any.
  if (x.size() == 0 && x.dims.size() > 1) {
    return absl::UnimplementedError(
        "of constants without numbers, only vectors can be sliced");
  }
  const int64_t size = x.dims[axis];
  const bool forward = steps[0] > 0;
  const auto clamp = [&](int64_t i) {
    if (i < 0) i = std::max<int64_t>(i, -size - 1) + size;
    return std::clamp<int64_t>(i, forward ? 0 : -1, forward ? size : size - 1);
  };
  Ints taken;
  const int64_t end =
      !forward && ends[0] < -size ? int64_t{-1} : clamp(ends[0]);
  // A step beyond the axis ends the loop at once.
  const int64_t step = std::clamp<int64_t>(steps[0], -size - 1, size + 1);
  for (int64_t i = clamp(starts[0]); forward ? i < end : i > end; i += step) {
    taken.push_back(i);
  }
  Ints dims = x.dims;
  dims[axis] = static_cast<int64_t>(taken.size());
  int64_t outer = 1;
  int64_t inner = 1;
  for (int64_t i = 0; i < axis; ++i) outer *= dims[i];
  for (size_t i = axis + 1; i < dims.size(); ++i) inner *= dims[i];
  Ints indices;
  for (int64_t o = 0; o < outer; ++o) {
    for (const int64_t i : taken) {
      for (int64_t k = 0; k < inner; ++k) {
        indices.push_back((o * size + i) * inner + k);
      }
    }
  }
  return Select(x, dims, indices);
}

ConstantOr Concat(const NodeReader&, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(
      CheckGiven(inputs, std::max<size_t>(inputs.size(), 1)));
  OnnxConstant y{.is_float = inputs[0]->is_float};
  for (const OnnxConstant* x : inputs) {
    if (x->dims.size() != 1 || x->is_float != y.is_float) {
      return absl::UnimplementedError(
          "of constants, only vectors of one type can be concatenated");
    }
    y.floats.insert(y.floats.end(), x->floats.begin(), x->floats.end());
    y.ints.insert(y.ints.end(), x->ints.begin(), x->ints.end());
  }
  y.dims = {y.size()};
  return y;
}

ConstantOr ConstantOfShape(const NodeReader& node, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_RETURN_IF_ERROR(CheckAxes(inputs[0]->ints.size()));
  int64_t count = 1;
  for (const int64_t dim : inputs[0]->ints) {
    if (dim < 0 || (dim > 0 && count > kMaxFilled / dim)) {
      return Bad(absl::StrCat("its shape is [",
                              absl::StrJoin(inputs[0]->ints, ", "),
                              "]; expected at most ", kMaxFilled, " numbers"));
    }
    count *= dim;
  }
  OnnxConstant y{.dims = inputs[0]->ints};
  if (const onnx::TensorProto* value = node.Tensor("value")) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant filler, ConstantOf(*value, ""));
    if (filler.size() != 1) return Bad("its value is not one number");
    y.is_float = filler.is_float;
    if (filler.is_float) {
      y.floats.assign(count, filler.floats[0]);
    } else {
      y.ints.assign(count, filler.ints[0]);
    }
  } else {
    y.floats.assign(count, 0.0f);
  }
  return y;
}

// The smallest and the largest number of a type of whole numbers.
std::optional<std::pair<int64_t, int64_t>> RangeOf(int64_t type) {
  using Type = onnx::TensorProto;
  switch (type) {
    case Type::INT8:
      return std::pair(-128, 127);
    case Type::UINT8:
      return std::pair(0, 255);
    case Type::INT16:
      return std::pair(-32768, 32767);
    case Type::UINT16:
      return std::pair(0, 65535);
    case Type::INT32:
      return std::pair(int64_t{std::numeric_limits<int32_t>::min()},
                       int64_t{std::numeric_limits<int32_t>::max()});
    case Type::UINT32:
      return std::pair(int64_t{0},
                       int64_t{std::numeric_limits<uint32_t>::max()});
    default:
      return std::nullopt;
  }
}

// From whole numbers. That of images can become no other.
absl::StatusOr<std::vector<float>> ToFloats(const Ints& ints) {
  std::vector<float> floats;
  for (const int64_t number : ints) {
    if (number == kBatchSize) {
      return Bad("it computes with the number of images");
    }
    floats.push_back(static_cast<float>(number));
  }
  return floats;
}

absl::StatusOr<Ints> ToInts(const std::vector<float>& floats) {
  Ints ints;
  for (const float number : floats) {
    if (!(std::abs(number) < 9e18f)) return Bad("a number has no whole part");
    ints.push_back(static_cast<int64_t>(number));
  }
  return ints;
}

ConstantOr Cast(const NodeReader& node, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(const int64_t to,
                           node.Int("to", onnx::TensorProto::FLOAT));
  const OnnxConstant& x = *inputs[0];
  OnnxConstant y{.dims = x.dims, .is_float = IsFloatType(to)};
  if (to == onnx::TensorProto::BOOL) {
    for (const float number : x.floats) y.ints.push_back(number != 0 ? 1 : 0);
    for (const int64_t number : x.ints) y.ints.push_back(number != 0 ? 1 : 0);
    return y;
  }
  if (y.is_float == x.is_float) {
    y.floats = x.floats;
    y.ints = x.ints;
  } else if (y.is_float) {
    LENSLET_ASSIGN_OR_RETURN(y.floats, ToFloats(x.ints));
  } else {
    LENSLET_ASSIGN_OR_RETURN(y.ints, ToInts(x.floats));
  }
  const auto range = RangeOf(to);
  for (const int64_t number : y.ints) {
    if (range && number != kBatchSize &&
        (number < range->first || number > range->second)) {
      return Bad(absl::StrCat("it makes ", number, " of type ",
                              ElementTypeName(to), "; expected numbers from ",
                              range->first, " to ", range->second));
    }
  }
  return y;
}

// Of whole numbers. Returns nullopt for what has no result.
std::optional<int64_t> Compute(char operation, int64_t a, int64_t b) {
  if (a == kBatchSize || b == kBatchSize) {
    // What does not change it.
    if (operation == '*' && (a == 1 || b == 1)) return kBatchSize;
    if (operation == '/' && b == 1) return kBatchSize;
    if (operation == '+' && (a == 0 || b == 0)) return kBatchSize;
    if (operation == '-' && b == 0) return kBatchSize;
    return std::nullopt;
  }
  int64_t result = 0;
  switch (operation) {
    case '+':
      if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
      break;
    case '-':
      if (__builtin_sub_overflow(a, b, &result)) return std::nullopt;
      break;
    case '*':
      if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
      break;
    case '=':
      return a == b ? 1 : 0;
    default:
      if (b == 0) return std::nullopt;
      // Of -2^63 by -1 there is none; that number is kBatchSize.
      result = a / b;
      break;
  }
  // The number that stands for the batch cannot be a result.
  if (result == kBatchSize) return std::nullopt;
  return result;
}

float Compute(char operation, float a, float b) {
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      return a / b;
  }
}

// The size of the axis that is `from_end` axes before the last, or 1.
int64_t SizeFromEnd(const Ints& dims, size_t from_end) {
  return from_end < dims.size() ? dims[dims.size() - 1 - from_end] : 1;
}

// The sizes of an array that repeats both where they have size 1, as ONNX does.
absl::StatusOr<Ints> BroadcastSizes(const OnnxConstant& a,
                                    const OnnxConstant& b) {
  const size_t rank = std::max(a.dims.size(), b.dims.size());
  const int64_t most = std::max({a.size(), b.size(), kMaxFilled});
  Ints sizes(rank);
  int64_t count = 1;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t m = SizeFromEnd(a.dims, rank - 1 - i);
    const int64_t n = SizeFromEnd(b.dims, rank - 1 - i);
    if (m != n && m != 1 && n != 1) {
      return Bad(absl::StrCat("its inputs are [", absl::StrJoin(a.dims, ", "),
                              "] and [", absl::StrJoin(b.dims, ", "),
                              "]; expected equal sizes, or 1"));
    }
    sizes[i] = m == 1 ? n : m;
    if (sizes[i] > 0 && count > most / sizes[i]) {
      return Bad(
          absl::StrCat("its result has more than ", CountText(most, "number")));
    }
    count *= sizes[i];
  }
  return sizes;
}

// How far apart an array's elements are along each axis of `sizes`; 0 where it
// repeats them.
Ints BroadcastStrides(const Ints& dims, const Ints& sizes) {
  Ints strides(sizes.size(), 0);
  int64_t stride = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t size = SizeFromEnd(dims, i);
    if (size != 1) strides[sizes.size() - 1 - i] = stride;
    stride *= size;
  }
  return strides;
}

// Elementwise arithmetic.
ConstantOr Arithmetic(char operation, Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  const OnnxConstant& a = *inputs[0];
  const OnnxConstant& b = *inputs[1];
  if (a.is_float != b.is_float) return Bad("its inputs have different types");
  LENSLET_ASSIGN_OR_RETURN(const Ints sizes, BroadcastSizes(a, b));
  const Ints a_strides = BroadcastStrides(a.dims, sizes);
  const Ints b_strides = BroadcastStrides(b.dims, sizes);
  OnnxConstant y{.dims = sizes, .is_float = a.is_float};
  const int64_t count = Product(sizes);
  Ints position(sizes.size(), 0);
  int64_t j = 0;
  int64_t k = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (a.is_float) {
      y.floats.push_back(Compute(operation, a.floats[j], b.floats[k]));
    } else {
      const std::optional<int64_t> result =
          Compute(operation, a.ints[j], b.ints[k]);
      if (!result) {
        return Bad("it computes with the number of images, or out of range");
      }
      y.ints.push_back(*result);
    }
    for (size_t axis = sizes.size(); axis-- > 0;) {
      j += a_strides[axis];
      k += b_strides[axis];
      if (++position[axis] < sizes[axis]) break;
      j -= a_strides[axis] * sizes[axis];
      k -= b_strides[axis] * sizes[axis];
      position[axis] = 0;
    }
  }
  return y;
}

// Of matrices and vectors.
ConstantOr MatMul(Inputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  const OnnxConstant& a = *inputs[0];
  const OnnxConstant& b = *inputs[1];
  if (!a.is_float || !b.is_float) return Bad("its factors are no floats");
  const size_t a_rank = a.dims.size();
  const size_t b_rank = b.dims.size();
  if (a_rank < 1 || a_rank > 2 || b_rank < 1 || b_rank > 2) {
    return absl::UnimplementedError(
        "of constants, only matrices and vectors can be multiplied");
  }
  const int64_t inner = a.dims[a_rank - 1];
  if (inner != b.dims[0]) {
    return Bad(absl::StrCat("its factors are [", absl::StrJoin(a.dims, ", "),
                            "] and [", absl::StrJoin(b.dims, ", "),
                            "]; expected the first's last size, ", inner,
                            ", as the second's first"));
  }
  const int64_t rows = a_rank == 2 ? a.dims[0] : 1;
  const int64_t columns = b_rank == 2 ? b.dims[1] : 1;
  const int64_t most = std::max({a.size(), b.size(), kMaxFilled});
  if (columns > 0 && rows > most / columns) {
    return Bad(
        absl::StrCat("its result has more than ", CountText(most, "number")));
  }
  OnnxConstant y;
  if (a_rank == 2) y.dims.push_back(rows);
  if (b_rank == 2) y.dims.push_back(columns);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      double sum = 0;
      for (int64_t i = 0; i < inner; ++i) {
        sum += static_cast<double>(a.floats[r * inner + i]) *
               b.floats[i * columns + c];
      }
      y.floats.push_back(static_cast<float>(sum));
    }
  }
  return y;
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

ConstantOr FoldConstants(const NodeReader& node, Inputs inputs) {
  const std::string& type = node.type();
  if (type == "Identity" || type == "Dropout") {
    LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
    return *inputs[0];
  }
  if (type == "Reshape") return Reshape(node, inputs);
  if (type == "Unsqueeze") return Unsqueeze(node, inputs);
  if (type == "Squeeze") return Squeeze(node, inputs);
  if (type == "Gather") return Gather(node, inputs);
  if (type == "Slice") return Slice(node, inputs);
  if (type == "Concat") return Concat(node, inputs);
  if (type == "ConstantOfShape") return ConstantOfShape(node, inputs);
  if (type == "Cast") return Cast(node, inputs);
  if (type == "Add") return Arithmetic('+', inputs);
  if (type == "Sub") return Arithmetic('-', inputs);
  if (type == "Mul") return Arithmetic('*', inputs);
  if (type == "Div") return Arithmetic('/', inputs);
  if (type == "MatMul") return MatMul(inputs);
  if (type == "Neg" || type == "Sqrt") {
    LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
    if (!inputs[0]->is_float) {
      return absl::UnimplementedError("of constants, only floats");
    }
    OnnxConstant y = *inputs[0];
    for (float& number : y.floats) {
      number = type == "Neg" ? -number : std::sqrt(number);
    }
    return y;
  }
  if (type == "Equal") {
    LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
    if (inputs[0]->is_float) {
      return absl::UnimplementedError("of constants, only sizes are compared");
    }
    return Arithmetic('=', inputs);
  }
  if (type == "Shape") {
    LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
    const Ints& dims = inputs[0]->dims;
    return FromInts({static_cast<int64_t>(dims.size())}, dims);
  }
  if (type == "Transpose") {
    LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
    Ints reversed(inputs[0]->dims.size());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    LENSLET_ASSIGN_OR_RETURN(const Ints order, node.Ints("perm", reversed));
    Ints sorted = order;
    std::sort(sorted.begin(), sorted.end());
    if (!std::equal(sorted.begin(), sorted.end(), reversed.rbegin(),
                    reversed.rend())) {
      return Bad("its perm is no permutation of the axes");
    }
    return Transposed(*inputs[0], order);
  }
  return absl::UnimplementedError(absl::StrCat(
      "Lenslet does not compute it of constants", NearestForm(type)));
}

}  // namespace lenslet
