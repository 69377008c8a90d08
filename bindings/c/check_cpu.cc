#include "lenslet/bindings/c/check_cpu.h"

#include "absl/strings/str_cat.h"
#include "hwy/targets.h"

namespace lenslet {

absl::Status CheckCpu(int64_t supported, int64_t least) {
  if ((supported & least) != 0) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      "the CPU lacks instructions that this library uses; "
      "expected one with ",
      least == HWY_AVX2 ? "AVX2 and FMA" : hwy::TargetName(least)));
}

absl::Status CheckCpu() {
  return CheckCpu(hwy::SupportedTargets(), HWY_STATIC_TARGET);
}

}  // namespace lenslet
