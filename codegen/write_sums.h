// Writes convolutions and linear layers as C code.

#ifndef LENSLET_CODEGEN_WRITE_SUMS_H_
#define LENSLET_CODEGEN_WRITE_SUMS_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "lenslet/codegen/c_text.h"
#include "lenslet/codegen/program.h"
#include "lenslet/codegen/row_program.h"

namespace lenslet {

// Writes loops that compute `sums` of the array x. A row of output is at
// `y_row`, an expression of the positions d and h. row_done() may write code
// for the end of each row, which only steps with one group of weights have.
//
// A tile of positions and of vectors of output channels is computed at once, in
// registers: each number of the input and of the weights then serves several
// sums.
void WriteSums(const SumsStep& sums, absl::string_view y_row,
               absl::FunctionRef<void()> row_done, CWriter& out);

// Writes code that computes the row h of output, of rows of x.
void WriteSumsRow(const SumsStep& sums, const RowBuffer& x,
                  absl::string_view y_row, CWriter& out);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_WRITE_SUMS_H_
