// Writes each kind of step as a C function.

#ifndef LENSLET_CODEGEN_WRITE_STEP_H_
#define LENSLET_CODEGEN_WRITE_STEP_H_

#include "absl/strings/string_view.h"
#include "lenslet/codegen/c_text.h"
#include "lenslet/codegen/program.h"
#include "lenslet/codegen/row_program.h"

namespace lenslet {

// Writes a function of this name. Its parameters are the step's inputs, its
// output and, if it ends with a pooling, the band.
void WriteStep(const Step& step, absl::string_view function, CWriter& out);

// Writes a function of this name for a step that runs by rows: its parameters
// are the arena and the index of the row of input that is there now. It
// computes the rows of output that this makes possible. `next` is the function
// to call after each, or "".
void WriteRowStep(const RowProgram& by_rows, int step,
                  absl::string_view function, absl::string_view next,
                  CWriter& out);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_WRITE_STEP_H_
