// Prints docs/operators.md: which backend computes which operator.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/inspect/operator_table.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kOperators[] = "lenslet operators";

constexpr char kBeforeTable[] =
    R"(# Operators

What each backend computes, and in how many spatial dimensions. The program that prints this page ran every case. A test compares the page
with the program's output:

```sh
bazel run //tools:lenslet -- operators
```

"forward" alone means inference only. A dash means that the backend lacks the operator. The executor then uses `reference` or, if it chooses
the fastest backends, another one that has the operator. The table that training prints shows the choice. The layer names are those of
model files, where `*` is the number of dimensions; [models/model.proto](../models/model.proto) documents their fields. Flattening,
reshaping and, outside training, dropout have no kernel: their output is the memory of their input.

)";

constexpr char kAfterTable[] = R"(
Losses are not layers, so the table does not list them. `reference` and `lanes` have all of them, of classes, labels and values,
with their gradients; `xnnpack` has cross-entropy. The other backends use those of `reference`.
)";

}  // namespace

int OperatorsCommand(int argc, char** argv) {
  CommandLine line(kOperators,
                   "Shows which backend computes which operator, in how many "
                   "dimensions, forward and backward, as a page in Markdown "
                   "(docs/operators.md).");
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const absl::StatusOr<std::string> table = OperatorTable();
  if (!table.ok()) return ReportFailure(kOperators, table.status());
  PrintText(absl::StrCat(kBeforeTable, *table, kAfterTable));
  return 0;
}

}  // namespace lenslet
