// Runs vector code as other CPUs would.

#ifndef LENSLET_OPS_TESTING_INSTRUCTION_SETS_H_
#define LENSLET_OPS_TESTING_INSTRUCTION_SETS_H_

#include <string>

#include "absl/functional/function_ref.h"

namespace lenslet {

// Calls body(name) once for each instruction set that this CPU has and Highway
// can dispatch to, with all of the process using that one: "AVX3", "AVX2", ...
// For tests of one thread.
void ForEachInstructionSet(absl::FunctionRef<void(const std::string&)> body);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_INSTRUCTION_SETS_H_
