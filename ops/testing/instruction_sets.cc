#include "lenslet/ops/testing/instruction_sets.h"

#include <cstdint>

#include "hwy/highway.h"
#include "hwy/targets.h"

namespace lenslet {
namespace {

// 0: those that the CPU has.
void UseOnly(int64_t targets) {
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace

void ForEachInstructionSet(absl::FunctionRef<void(const std::string&)> body) {
  UseOnly(0);
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    UseOnly(target);
    body(hwy::TargetName(target));
  }
  UseOnly(0);
}

bool HasFusedMultiplyAdd(const std::string& instruction_set) {
  return instruction_set != "SSE2" && instruction_set != "SSSE3" &&
         instruction_set != "SSE4" && instruction_set != "EMU128" &&
         instruction_set != "SCALAR";
}

}  // namespace lenslet
