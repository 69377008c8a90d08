// Reports everything that is wrong with a recipe's text: its syntax, its
// values, and whether its model fits its data.

#ifndef LENSLET_TRAIN_RECIPE_LINT_RECIPE_H_
#define LENSLET_TRAIN_RECIPE_LINT_RECIPE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"

namespace lenslet {

// Returns problems and warnings in the order of their positions. Reads the
// model; a relative path starts from `folder`. Reads no data: the model is
// checked against the data only if the recipe states the data's sizes.
std::vector<TextProblem> LintRecipe(absl::string_view text,
                                    absl::string_view file_name,
                                    const std::string& folder);

// Whether a text is more likely a recipe than a model, judging by the names of
// its outermost fields; or a model than a recipe. Neither is true of a text
// with no such name.
// HasFieldsOfRecipeOrModel() is stricter: the text begins with a field, and
// most of the outermost fields have names of fields of a recipe or a model.
bool LooksLikeRecipe(absl::string_view text);
bool LooksLikeModel(absl::string_view text);
bool HasFieldsOfRecipeOrModel(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_LINT_RECIPE_H_
