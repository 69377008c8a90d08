#include "lenslet/onnx/fold_functions.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/import_errors.h"

namespace lenslet {
namespace {

// Shapes have few numbers; this is far more than any of them has.
constexpr int64_t kMaxFilled = 1 << 20;

// The size of the axis that is `from_end` axes before the last, or 1.
int64_t SizeFromEnd(const Ints& dims, size_t from_end) {
  return from_end < dims.size() ? dims[dims.size() - 1 - from_end] : 1;
}

}  // namespace

absl::Status CheckGiven(ConstantInputs inputs, size_t count) {
  if (inputs.size() >= count &&
      std::none_of(
          inputs.begin(), inputs.begin() + count,
          [](const OnnxConstant* input) { return input == nullptr; })) {
    return absl::OkStatus();
  }
  return Wrong(absl::StrCat(
      "it has ", CountText(static_cast<int64_t>(inputs.size()), "input"),
      "; expected ", count));
}

absl::Status CheckSize(const Ints& sizes, ConstantInputs inputs) {
  if (sizes.size() > kMaxConstantAxes) {
    return Wrong(absl::StrCat("its result has ",
                              AxesText(static_cast<int64_t>(sizes.size())),
                              "; expected at most ", kMaxConstantAxes));
  }
  int64_t most = kMaxFilled;
  for (const OnnxConstant* input : inputs) {
    if (input != nullptr) most = std::max(most, input->size());
  }
  int64_t count = 1;
  for (const int64_t size : sizes) {
    if (size < 0 || (size > 0 && count > most / size)) {
      return Wrong(absl::StrCat("its result is ", SizesText(sizes),
                                "; expected at most ", Numbers(most)));
    }
    count *= size;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AxisOf(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    return Wrong(
        absl::StrCat("its axis is ", axis, "; its input has ", AxesText(rank)));
  }
  return axis < 0 ? axis + rank : axis;
}

absl::StatusOr<Ints> IntsOf(const NodeReader& node, ConstantInputs inputs,
                            size_t i, absl::string_view attribute) {
  if (i < inputs.size() && inputs[i] != nullptr) {
    if (inputs[i]->is_float()) {
      return Wrong(absl::StrCat("its ", attribute, " are not whole numbers"));
    }
    return inputs[i]->ints;
  }
  return node.Ints(attribute, {});
}

int64_t ProductOf(const Ints& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1},
                         std::multiplies<>());
}

absl::StatusOr<Ints> BroadcastSizes(const Ints& a, const Ints& b) {
  const size_t rank = std::max(a.size(), b.size());
  Ints sizes(rank);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t m = SizeFromEnd(a, rank - 1 - i);
    const int64_t n = SizeFromEnd(b, rank - 1 - i);
    if (m != n && m != 1 && n != 1) {
      return Wrong(absl::StrCat("its inputs are ", SizesText(a), " and ",
                                SizesText(b), "; expected equal sizes, or 1"));
    }
    sizes[i] = m == 1 ? n : m;
  }
  return sizes;
}

Ints BroadcastStrides(const Ints& dims, const Ints& sizes) {
  Ints strides(sizes.size(), 0);
  // Of no elements, sizes may be any.
  if (std::count(dims.begin(), dims.end(), 0) > 0) return strides;
  int64_t stride = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t size = SizeFromEnd(dims, i);
    if (size != 1) strides[sizes.size() - 1 - i] = stride;
    stride *= size;
  }
  return strides;
}

absl::StatusOr<Ints> SizesOfAll(ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(
      CheckGiven(inputs, std::max<size_t>(inputs.size(), 1)));
  Ints sizes;
  for (const OnnxConstant* input : inputs) {
    LENSLET_ASSIGN_OR_RETURN(sizes, BroadcastSizes(sizes, input->dims));
  }
  LENSLET_RETURN_IF_ERROR(CheckSize(sizes, inputs));
  return sizes;
}

OnnxConstant Select(const OnnxConstant& x, Ints dims, const Ints& indices) {
  OnnxConstant y{.dims = std::move(dims), .type = x.type};
  const auto take = [&](const auto& from, auto& to) {
    if (from.empty()) return;
    to.reserve(indices.size());
    for (const int64_t i : indices) to.push_back(from[i]);
  };
  take(x.floats, y.floats);
  take(x.doubles, y.doubles);
  take(x.ints, y.ints);
  return y;
}

}  // namespace lenslet
