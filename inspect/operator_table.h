// Which backend computes which operator: the table of docs/operators.md.

#ifndef LENSLET_INSPECT_OPERATOR_TABLE_H_
#define LENSLET_INSPECT_OPERATOR_TABLE_H_

#include <string>

#include "absl/status/statusor.h"

namespace lenslet {

// Markdown, a row for each operator and a column for each backend. What stands
// there was made and run, forward and, on a backend that trains, backward, in
// each number of dimensions. Errors: what running a layer gave, but for
// Unimplemented, which makes a dash.
absl::StatusOr<std::string> OperatorTable();

}  // namespace lenslet

#endif  // LENSLET_INSPECT_OPERATOR_TABLE_H_
