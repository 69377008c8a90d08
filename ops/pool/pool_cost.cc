#include "lenslet/ops/pool/pool_cost.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/window.h"

namespace lenslet {

absl::StatusOr<int64_t> PoolOperations(const PoolCostInput& input) {
  if (input.channels < 1) {
    return BadValue("channels", input.channels, "at least 1");
  }
  Window unresolved = {.kernel = input.kernel,
                       .stride = input.stride,
                       .padding = Padding(input.padding, Axes())};
  if (input.convention == PaddingConvention::kPerSide) {
    unresolved.padding.after = input.padding;
  }
  LENSLET_ASSIGN_OR_RETURN(const Window window,
                           Resolve(unresolved, input.kernel));
  LENSLET_ASSIGN_OR_RETURN(const Axes output, OutputSize(window, input.size));
  int64_t operations = input.channels;
  for (int axis = 0; axis < window.kernel.rank(); ++axis) {
    for (const int64_t factor : {output[axis], window.kernel[axis]}) {
      if (__builtin_mul_overflow(operations, factor, &operations)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "kernel ", window.kernel.ToString(), " at ", output.ToString(),
            " positions of ", input.channels,
            " channels needs more operations than 64 bits can count"));
      }
    }
  }
  return operations;
}

}  // namespace lenslet
