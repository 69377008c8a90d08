// Runs vector code as on other CPUs.

#ifndef LENSLET_OPS_TESTING_INSTRUCTION_SETS_H_
#define LENSLET_OPS_TESTING_INSTRUCTION_SETS_H_

#include <string>

#include "absl/functional/function_ref.h"

namespace lenslet {

// Calls body(name) once for each instruction set that this CPU has and Highway
// can dispatch to: "AVX3", "AVX2", ... During the call, the whole process uses
// this instruction set. For single-threaded tests.
void ForEachInstructionSet(absl::FunctionRef<void(const std::string&)> body);

// Whether an instruction set with this name has fused multiply-adds. The others
// round a product before they add it, and so give other bits.
bool HasFusedMultiplyAdd(const std::string& instruction_set);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_INSTRUCTION_SETS_H_
