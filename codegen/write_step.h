// Writes each kind of step as a C function.

#ifndef LENSLET_CODEGEN_WRITE_STEP_H_
#define LENSLET_CODEGEN_WRITE_STEP_H_

#include "absl/strings/string_view.h"
#include "lenslet/codegen/c_text.h"
#include "lenslet/codegen/program.h"

namespace lenslet {

// Writes a function of this name. Its parameters are the step's inputs, its
// output and, if it ends with a pooling, the band.
void WriteStep(const Program& program, const Step& step,
               absl::string_view function, CWriter& out);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_WRITE_STEP_H_
