// All that is wrong with a recipe's text: its form, what it says, and whether
// its model fits its data.

#ifndef LENSLET_TRAIN_RECIPE_LINT_RECIPE_H_
#define LENSLET_TRAIN_RECIPE_LINT_RECIPE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"

namespace lenslet {

// Returns problems and warnings in the order of their places. Reads the model,
// whose path starts from `folder` if it is relative, but no data: the model is
// held against data whose sizes the recipe tells.
std::vector<TextProblem> LintRecipe(absl::string_view text,
                                    absl::string_view file_name,
                                    const std::string& folder);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_LINT_RECIPE_H_
