#include "lenslet/ops/padding_mode.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

absl::Status CheckReflection(absl::string_view side, const Axes& padding,
                             const Axes& input) {
  for (int axis = 0; axis < input.rank(); ++axis) {
    if (padding[axis] >= input[axis]) {
      return absl::InvalidArgumentError(absl::StrCat(
          "padding ", side, " ", padding.ToString(), " reflects ",
          padding[axis], " positions of axis ", axis, "; expected at most ",
          input[axis] - 1, ", as the input is ", input.ToString()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view Name(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::kZero:
      return "zero";
    case PaddingMode::kReflect:
      return "reflect";
    case PaddingMode::kReplicate:
      return "replicate";
  }
  return "unknown";
}

absl::Status CheckPadding(PaddingMode mode, const Padding& padding,
                          const Axes& input) {
  if (mode != PaddingMode::kReflect) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(CheckReflection("before", padding.before, input));
  return CheckReflection("after", padding.after, input);
}

}  // namespace lenslet
