// Prints docs/operators.md: which backend computes which operator.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/inspect/operator_table.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "operators";

constexpr char kBefore[] =
    R"(# Operators

What each backend computes, in how many spatial dimensions. Each cell was made and run by the program that prints this page, and a test
compares the two:

```sh
bazel run //tools:operators
```

"forward" alone is for inference. A dash means that an executor takes `reference` for such a layer, or, when the fastest backends are
chosen, another that has it; the table that `train_lenet` prints shows it. The layers' names are those of model files, where `*` is the
number of dimensions; [models/model.proto](../models/model.proto) has their fields. Flattening and reshaping, and dropout outside of
training, are the input's memory: they have no kernel.

)";

constexpr char kAfter[] = R"(
The losses stand beside them: they are no layers. `reference` and `lanes` have all of them, with their gradients; `xnnpack` has
cross-entropy. Elsewhere the reference computes them.
)";

int Main(int argc, char** argv) {
  CommandLine line(kProgram,
                   "Prints the page docs/operators.md: which backend computes "
                   "which operator, in how many\ndimensions, forward and "
                   "backward.\n");
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const absl::StatusOr<std::string> table = OperatorTable();
  if (!table.ok()) return ReportFailure(kProgram, table.status());
  PrintText(absl::StrCat(kBefore, *table, kAfter));
  return 0;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
