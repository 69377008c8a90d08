#include "lenslet/ops/window.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/axes.h"

namespace lenslet {
namespace {

absl::Status CheckField(absl::string_view name, const Axes& field, int rank,
                        int64_t least) {
  if (field.rank() != rank) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " ", field.ToString(), " has ", CountText(field.rank(), "number"),
        "; expected ", rank, ", as many as the kernel"));
  }
  for (int64_t value : field) {
    if (value < least || value > kMaxAxisSize) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " ", field.ToString(), " has ", value,
          "; expected a number in [", least, ", ", kMaxAxisSize, "]"));
    }
  }
  return absl::OkStatus();
}

Axes WithOuterAxes(const Axes& axes, int64_t value) {
  Axes result = Axes::Filled(Axes::kMaxRank, value);
  const int added = Axes::kMaxRank - axes.rank();
  for (int axis = 0; axis < axes.rank(); ++axis) {
    result[added + axis] = axes[axis];
  }
  return result;
}

}  // namespace

absl::StatusOr<Window> Resolve(const Window& window,
                               const Axes& default_stride) {
  const int rank = window.kernel.rank();
  if (rank == 0) {
    return absl::InvalidArgumentError("kernel is empty; its sizes are needed");
  }
  const auto filled = [rank](const Axes& axes, int64_t value) {
    return axes.empty() ? Axes::Filled(rank, value) : axes;
  };
  Window resolved = window;
  if (resolved.stride.empty()) resolved.stride = default_stride;
  resolved.dilation = filled(window.dilation, 1);
  resolved.padding.before = filled(window.padding.before, 0);
  resolved.padding.after = filled(window.padding.after, 0);
  LENSLET_RETURN_IF_ERROR(CheckField("kernel", resolved.kernel, rank, 1));
  LENSLET_RETURN_IF_ERROR(CheckField("stride", resolved.stride, rank, 1));
  LENSLET_RETURN_IF_ERROR(CheckField("dilation", resolved.dilation, rank, 1));
  LENSLET_RETURN_IF_ERROR(
      CheckField("padding before", resolved.padding.before, rank, 0));
  LENSLET_RETURN_IF_ERROR(
      CheckField("padding after", resolved.padding.after, rank, 0));
  return resolved;
}

absl::StatusOr<Axes> OutputSize(const Window& window, const Axes& input,
                                Rounding rounding) {
  const int rank = window.kernel.rank();
  if (input.rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("kernel ", window.kernel.ToString(), " is for ", rank,
                     " spatial dimensions, the input has ", input.rank(), ": ",
                     input.ToString()));
  }
  Axes output = input;
  for (int axis = 0; axis < rank; ++axis) {
    if (input[axis] < 1 || input[axis] > kMaxAxisSize) {
      return absl::InvalidArgumentError(
          absl::StrCat("input size ", input.ToString(), " has ", input[axis],
                       "; expected a number in [1, ", kMaxAxisSize, "]"));
    }
    const int64_t padded =
        input[axis] + window.padding.before[axis] + window.padding.after[axis];
    const int64_t stride = window.stride[axis];
    // How far the window can move; below 0, how far it reaches beyond.
    const int64_t way = padded - Extent(window, axis);
    const int64_t least = rounding == Rounding::kCeil ? 1 - stride : 0;
    if (way < least) {
      return absl::InvalidArgumentError(absl::StrCat(
          "kernel ", window.kernel.ToString(), " with dilation ",
          window.dilation.ToString(), " covers ", Extent(window, axis),
          " positions of axis ", axis, ", more than the padded input's ",
          padded, " (input ", input.ToString(), ", padding ",
          window.padding.before.ToString(), " before and ",
          window.padding.after.ToString(), " after)"));
    }
    const int64_t whole = way < 0 ? 0 : way / stride + 1;
    const bool leaves_rest = way < 0 || way % stride != 0;
    const bool starts_inside =
        whole * stride < input[axis] + window.padding.before[axis];
    const bool one_more =
        rounding == Rounding::kCeil && leaves_rest && starts_inside;
    output[axis] = whole + (one_more ? 1 : 0);
  }
  return output;
}

Window To3d(const Window& window) {
  return {.kernel = WithOuterAxes(window.kernel, 1),
          .stride = WithOuterAxes(window.stride, 1),
          .dilation = WithOuterAxes(window.dilation, 1),
          .padding = To3d(window.padding)};
}

Axes To3d(const Axes& sizes) { return WithOuterAxes(sizes, 1); }

Padding To3d(const Padding& padding) {
  return Padding(WithOuterAxes(padding.before, 0),
                 WithOuterAxes(padding.after, 0));
}

namespace {

bool IsFilledWith(const Axes& axes, int64_t value) {
  return std::all_of(axes.begin(), axes.end(),
                     [value](int64_t number) { return number == value; });
}

// "2" for {2, 2}, "1 x 2", "0" for none.
std::string ShortText(const Axes& axes) {
  if (axes.empty()) return "0";
  return IsFilledWith(axes, axes[0]) ? absl::StrCat(axes[0])
                                     : absl::StrJoin(axes, " x ");
}

}  // namespace

std::string PaddingText(const Padding& padding) {
  const std::string before = ShortText(padding.before);
  const std::string after = ShortText(padding.after);
  if (before != after) {
    return absl::StrCat("padding ", before, " before, ", after, " after");
  }
  return before == "0" ? "" : absl::StrCat("padding ", before);
}

std::string WindowText(const Window& window) {
  std::vector<std::string> parts = {absl::StrJoin(window.kernel, " x ")};
  if (!IsFilledWith(window.stride, 1)) {
    parts.push_back(absl::StrCat("stride ", ShortText(window.stride)));
  }
  if (!IsFilledWith(window.dilation, 1)) {
    parts.push_back(absl::StrCat("dilation ", ShortText(window.dilation)));
  }
  if (std::string padding = PaddingText(window.padding); !padding.empty()) {
    parts.push_back(std::move(padding));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace lenslet
