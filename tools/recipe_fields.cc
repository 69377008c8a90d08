// Prints docs/recipe_fields.md: the ranges and defaults of a recipe's fields.

#include "absl/strings/str_cat.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "recipe_fields";

constexpr char kBefore[] =
    R"(# Fields of a recipe

The range and the default of every field that has one. They stand in [recipe.proto](../train/recipe/recipe.proto) and
[data.proto](../data/data.proto), which also say what the fields mean. A test compares this page with the program's output:

```sh
bazel run //tools:recipe_fields
```

)";

int Main(int argc, char** argv) {
  CommandLine line(kProgram,
                   "Prints the page docs/recipe_fields.md: the range and the "
                   "default of every field of a\nrecipe.\n");
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  PrintText(absl::StrCat(kBefore, FieldTable(*RecipeProto::descriptor())));
  return 0;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
