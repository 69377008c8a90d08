// A recipe (train/recipe/recipe.proto): read, changed by flags, and checked.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// A recipe, and where each field comes from.
struct RecipeText {
  RecipeProto recipe;
  // Where its text has each field.
  TextLocations locations = {};
  // The fields that flags set, in order: {"optimizer.momentum", "--set"}.
  std::vector<std::pair<std::string, std::string>> flags = {};
};

// The names of the recipes that are compiled in: those in
// train/recipe/recipes/.
std::vector<std::string> RecipeNames();

// Checks the form only: FindProblems() checks what the recipe says. Errors:
// ParseProtoText()'s (base/proto_text.h).
absl::StatusOr<RecipeText> ParseRecipe(absl::string_view text,
                                       absl::string_view file_name);

// The recipe of that name in train/recipe/recipes/, otherwise the file: "book"
// is the former even if there is such a file, which is "./book". Relative paths
// start from `folder`; "": from the process's own folder. The paths of a file's
// recipe start from its own folder; they are made absolute. Errors:
// ReadFile()'s and ParseRecipe()'s; NotFound, naming the recipes, for what is
// neither.
absl::StatusOr<RecipeText> LoadRecipe(const std::string& name_or_path,
                                      const std::string& folder = "");

// Changes a field: "PATH=VALUE" with the names of fields from the recipe on, as
// in "optimizer.momentum=0.8" or "data.idx.directory=mnist". The value is as in
// a recipe's text, where names and paths may go without quotation marks, and {
// ... } stands for a message. A list loses what it had, and has the values
// between commas. "layer.NAME.FIELD=VALUE" changes a layer of the model
// (LayerChangeProto), and takes the place of an earlier change of the same
// field. Errors: InvalidArgument, naming the assignment.
absl::Status SetField(absl::string_view assignment, RecipeProto& recipe);

// Makes the paths of the model, the data and the checkpoint to start from begin
// with `folder` if they are relative. Names of the zoo stay, and what looks
// like a mistyped one: no file, and no "/" or "." in it.
void MakePathsAbsolute(const std::string& folder, RecipeProto& recipe);

// The recipe that a checkpoint was trained by, from the field of that name;
// empty for "". Errors: DataLoss for other bytes than a recipe's.
absl::StatusOr<RecipeProto> RecipeFromBytes(const std::string& bytes);

// What is wrong with a field.
using RecipeProblem = FieldProblem;

// Everything that can be said without reading the model or data. In the order
// of the fields' numbers.
std::vector<RecipeProblem> FindProblems(const RecipeProto& recipe);

// The first of the problems as InvalidArgument, after its place: the flag that
// set the field, otherwise where the text has it.
absl::Status CheckRecipe(const RecipeText& text);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_H_
