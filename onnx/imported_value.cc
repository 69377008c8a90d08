#include "lenslet/onnx/imported_value.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;

}  // namespace

absl::Status WrongAxes(const ImportedValue& x, const std::string& reason) {
  return x.stands_in ? absl::CancelledError() : Lacking(reason);
}

Ints DimsOf(const ImportedValue& x) {
  const bool is_reduced = x.form == Form::kMean || x.form == Form::kVariance ||
                          x.form == Form::kDeviation ||
                          x.form == Form::kInverse;
  Ints dims;
  for (const int axis : x.axes) {
    dims.push_back(is_reduced && axis >= x.first_axis ? 1 : x.shape.dim(axis));
  }
  return dims;
}

std::string DimsText(const ImportedValue& x) {
  Ints sizes = DimsOf(x);
  if (!x.lacks_batch) sizes.insert(sizes.begin(), kBatchSize);
  return SizesText(sizes);
}

std::vector<float> InLensletsOrder(const ImportedValue& x,
                                   const std::vector<float>& numbers) {
  if (x.order.empty()) return numbers;
  std::vector<float> ordered(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) ordered[x.order[i]] = numbers[i];
  return ordered;
}

Ints IndicesOf(const ImportedValue& x) {
  if (!x.order.empty()) return x.order;
  const auto rank = static_cast<int>(x.axes.size());
  Ints strides(rank, 1);
  for (int axis = rank - 2; axis >= 0; --axis) {
    strides[axis] = strides[axis + 1] * x.shape.dim(axis + 1);
  }
  const Ints dims = DimsOf(x);
  Ints position(rank, 0), indices;
  indices.reserve(x.shape.elements());
  for (int64_t n = 0; n < x.shape.elements(); ++n) {
    int64_t index = 0;
    for (int i = 0; i < rank; ++i) index += position[i] * strides[x.axes[i]];
    indices.push_back(index);
    for (int i = rank - 1; i >= 0 && ++position[i] == dims[i]; --i) {
      position[i] = 0;
    }
  }
  return indices;
}

bool IsAscending(const Ints& indices) {
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

bool IsWindow(Form form) {
  return form == Form::kWindowMean || form == Form::kWindowPower;
}

bool IsNormalizationStep(Form form) {
  return form != Form::kPlain && form != Form::kErf && form != Form::kPhi &&
         form != Form::kGelu && form != Form::kPaddedBelow && !IsWindow(form) &&
         form != Form::kBatchLast;
}

absl::StatusOr<int> InnerAxis(int64_t axis, const ImportedValue& x) {
  const int64_t first = x.lacks_batch ? 0 : 1;
  const auto rank = static_cast<int64_t>(x.axes.size()) + first;
  const int64_t positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank) {
    return Wrong(absl::StrCat("its axis is ", axis, "; its input ", DimsText(x),
                              " has ", AxesText(rank)));
  }
  if (positive < first) return Lacking("its axis is that of the batch");
  return static_cast<int>(positive - first);
}

std::optional<int> FirstOfTrailing(const std::vector<bool>& marked,
                                   const Shape& shape) {
  const auto first = std::find(marked.begin(), marked.end(), true);
  if (first == marked.end()) return std::nullopt;
  const auto axis = static_cast<int>(first - marked.begin());
  for (int i = axis; i < shape.rank(); ++i) {
    if (!marked[i] && shape.dim(i) != 1) return std::nullopt;
  }
  return axis;
}

std::optional<std::vector<float>> FeatureNumbers(const ImportedValue& x,
                                                 const OnnxConstant& constant,
                                                 int first_axis) {
  const int rank = x.shape.rank();
  // ONNX aligns the last axes.
  const int missing = rank + 1 - static_cast<int>(constant.dims.size());
  if (missing < 0) return std::nullopt;
  Ints strides(rank, 0);  // Of the constant, along Lenslet's axes.
  int64_t stride = 1;
  for (int axis = rank; axis >= missing; --axis) {
    const int64_t size = constant.dims[axis - missing];
    if (size != 1) {
      if (axis == 0) return std::nullopt;
      const int to = x.axes[axis - 1];
      if (to < first_axis || size != x.shape.dim(to)) return std::nullopt;
      strides[to] = stride;
    }
    stride *= size;
  }
  std::vector<float> numbers;
  Ints position(rank, 0);
  int64_t count = 1;
  for (int axis = first_axis; axis < rank; ++axis) count *= x.shape.dim(axis);
  for (int64_t n = 0; n < count; ++n) {
    int64_t index = 0;
    for (int axis = first_axis; axis < rank; ++axis) {
      index += position[axis] * strides[axis];
    }
    numbers.push_back(constant.floats[index]);
    for (int axis = rank - 1;
         axis >= first_axis && ++position[axis] == x.shape.dim(axis); --axis) {
      position[axis] = 0;
    }
  }
  return InLensletsOrder(x, numbers);
}

std::vector<int> ChannelsFirstAxes(int rank) {
  std::vector<int> axes;
  if (rank > 0) axes.push_back(rank - 1);
  for (int axis = 0; axis + 1 < rank; ++axis) axes.push_back(axis);
  return axes;
}

}  // namespace lenslet
