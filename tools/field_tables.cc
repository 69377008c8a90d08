// Prints docs/fields.md: the ranges and defaults of the fields of model and
// recipe files.

#include "absl/strings/str_cat.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "field_tables";

constexpr char kBefore[] =
    R"(# Fields of models and recipes

The range and the default of every field that has one. They stand in [model.proto](../models/model.proto),
[recipe.proto](../train/recipe/recipe.proto) and [data.proto](../data/data.proto), which also say what the fields mean. A test compares
this page with the program's output:

```sh
bazel run //tools:field_tables
```

## Models

What layers for one, two and three dimensions share stands here once, for two: `conv1d` has the fields of `conv2d`.

)";

int Main(int argc, char** argv) {
  CommandLine line(kProgram,
                   "Prints the page docs/fields.md: the range and the default "
                   "of every field of model and\nrecipe files.\n");
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  PrintText(absl::StrCat(kBefore, FieldTable(*ModelProto::descriptor()),
                         "\n## Recipes\n\n",
                         FieldTable(*RecipeProto::descriptor())));
  return 0;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
