// The number of operations in a pooling, by the usual formula:
//
//   channels * product over axes of
//       (floor((size + padding - kernel) / stride) + 1) * kernel
//
// This is one addition or comparison for each tap of each window. Texts define
// padding differently: as added on each side, or on both sides together. With
// the first definition, replace `padding` above by `2 * padding`. The cost of
// actual kernels is ComputeCost() in pool_spec.h. Source: "Dive into Deep
// Learning", section "Pooling", exercises.

#ifndef LENSLET_OPS_POOL_POOL_COST_H_
#define LENSLET_OPS_POOL_POOL_COST_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"

namespace lenslet {

enum class PaddingConvention : uint8_t {
  kPerSide,  // On each side of an axis.
  kTotal,    // On both sides of an axis together.
};

// Axes are in positions, with one number for each of the kernel's axes.
struct PoolCostInput {
  int64_t channels = 1;  // At least 1.
  Axes size = {};        // Of the input. Each at least 1.
  Axes kernel = {};      // Each at least 1.
  Axes padding = {};     // Each at least 0. Empty: 0.
  Axes stride = {};      // Each at least 1. Empty: the kernel.
  PaddingConvention convention = PaddingConvention::kPerSide;
};

// Errors: InvalidArgument, naming the field and the values, for a number out of
// range, different numbers of axes, a kernel larger than the padded input, or a
// result that overflows 64 bits.
absl::StatusOr<int64_t> PoolOperations(const PoolCostInput& input);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_COST_H_
