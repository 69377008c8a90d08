// Whether the CPU has the instructions of the kernels.

#ifndef LENSLET_BINDINGS_C_CHECK_CPU_H_
#define LENSLET_BINDINGS_C_CHECK_CPU_H_

#include <cstdint>

#include "absl/status/status.h"

namespace lenslet {

// Errors: Unimplemented if the least that kernels were compiled for
// (HWY_STATIC_TARGET) is not among the targets that the CPU supports
// (hwy::SupportedTargets()).
absl::Status CheckCpu(int64_t supported, int64_t least);

// For this CPU and this build. All CPUs of an architecture pass, but for
// libraries that were compiled for size (bindings/c/small.bzl).
absl::Status CheckCpu();

}  // namespace lenslet

#endif  // LENSLET_BINDINGS_C_CHECK_CPU_H_
