// Shows which backend supports which operator: the table in docs/operators.md.

#ifndef LENSLET_INSPECT_OPERATOR_TABLE_H_
#define LENSLET_INSPECT_OPERATOR_TABLE_H_

#include <string>

#include "absl/status/statusor.h"

namespace lenslet {

// Returns Markdown, with a row for each operator and a column for each backend.
// Creates and runs each operator in each number of dimensions: forward and, on
// backends that train, backward. Unimplemented becomes a dash. Errors: any
// other error of running a layer.
absl::StatusOr<std::string> OperatorTable();

}  // namespace lenslet

#endif  // LENSLET_INSPECT_OPERATOR_TABLE_H_
