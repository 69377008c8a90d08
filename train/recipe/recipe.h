// Reads a recipe (train/recipe/recipe.proto), changes it by flags, and checks
// it.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// A recipe, and where each field comes from.
struct RecipeText {
  RecipeProto recipe;
  // The position of each field in the text.
  TextLocations locations = {};
  // The fields that flags set, in order: {"optimizer.momentum", "--set"}.
  std::vector<std::pair<std::string, std::string>> flags = {};
};

// Returns the names of the compiled-in recipes, those in train/recipe/recipes/.
std::vector<std::string> RecipeNames();

// Parses a recipe. Checks only the syntax; FindProblems() checks the values.
// Errors: as ParseProtoText() (base/proto_text.h).
absl::StatusOr<RecipeText> ParseRecipe(absl::string_view text,
                                       absl::string_view file_name);

// Returns the compiled-in recipe of that name, or else reads the file. Names
// win: a file that is also called "book" is "./book". A relative path starts
// from `folder`, or from the process's working directory if that is "". Paths
// in a recipe file start from the file's own folder and are made absolute.
// Errors: as ReadFile() and ParseRecipe(); NotFound, listing the recipes, if
// the name matches neither a recipe nor a file.
absl::StatusOr<RecipeText> LoadRecipe(const std::string& name_or_path,
                                      const std::string& folder = "");

// Sets a field by "PATH=VALUE", such as "optimizer.momentum=0.8" or
// "data.idx.directory=mnist". PATH consists of field names, starting from the
// recipe. VALUE is written as in a recipe's text, but names and paths need no
// quotation marks, and { ... } encloses a message. A list is replaced by the
// comma-separated values. "layer.NAME.FIELD=VALUE" changes a layer of the model
// (LayerChangeProto) and replaces an earlier change of the same field. Errors:
// InvalidArgument, naming the assignment.
absl::Status SetField(absl::string_view assignment, RecipeProto& recipe);

// Prefixes relative paths of the model, the data and the checkpoint in
// start_from with `folder`. Does not change names of the zoo. Nor does it
// change names that look like misspelled ones: those that contain no "/" or "."
// and are not files.
void MakePathsAbsolute(const std::string& folder, RecipeProto& recipe);

// Parses the `recipe` field of a checkpoint. Returns an empty recipe for "".
// Errors: DataLoss if the bytes are not a recipe.
absl::StatusOr<RecipeProto> RecipeFromBytes(const std::string& bytes);

// Returns all problems that can be found without reading the model or data, in
// the order of the field numbers.
std::vector<FieldProblem> FindProblems(const RecipeProto& recipe);

// Returns the first problem, if any, as InvalidArgument. The message starts
// with the flag that set the field, or else with the field's position in the
// text.
absl::Status CheckRecipe(const RecipeText& text);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_H_
