// The recipes that are compiled in.

#ifndef LENSLET_TRAIN_RECIPE_RECIPES_RECIPE_TEXTS_H_
#define LENSLET_TRAIN_RECIPE_RECIPES_RECIPE_TEXTS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

struct NamedText {
  const char* name;
  absl::string_view text;
};

// Each file train/recipe/recipes/NAME.textproto, in the order of the names.
absl::Span<const NamedText> RecipeTexts();

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPES_RECIPE_TEXTS_H_
