// The two functions of Highway's library that dispatching to a CPU's kernels
// calls. Debian has that library only as a shared one. Tests that disable
// targets need the library.

#include <cstdint>

#include "hwy/highway.h"

namespace hwy {
namespace {

int64_t DetectTargets() {
#if HWY_ARCH_X86
  // Each target includes those before it, and what its code is compiled for
  // (hwy/ops/set_macros-inl.h).
  __builtin_cpu_init();
  int64_t targets = HWY_SCALAR | HWY_EMU128;
  if (!__builtin_cpu_supports("ssse3") || !__builtin_cpu_supports("sse4.1") ||
      !__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("pclmul") ||
      !__builtin_cpu_supports("aes")) {
    return targets;
  }
  targets |= HWY_SSE4;
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
      !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("f16c")) {
    return targets;
  }
  targets |= HWY_AVX2;
  if (!__builtin_cpu_supports("avx512f") ||
      !__builtin_cpu_supports("avx512vl") ||
      !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512bw")) {
    return targets;
  }
  return targets | HWY_AVX3;
#else
  return HWY_STATIC_TARGET | HWY_SCALAR | HWY_EMU128;
#endif
}

}  // namespace

int64_t SupportedTargets() {
  static const int64_t targets = DetectTargets();
  return targets;
}

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
