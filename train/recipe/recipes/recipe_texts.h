// The recipes that are compiled in.

#ifndef LENSLET_TRAIN_RECIPE_RECIPES_RECIPE_TEXTS_H_
#define LENSLET_TRAIN_RECIPE_RECIPES_RECIPE_TEXTS_H_

#include "absl/types/span.h"
#include "lenslet/base/named_text.h"

namespace lenslet {

// Returns the files train/recipe/recipes/NAME.textproto, sorted by name.
absl::Span<const NamedText> RecipeTexts();

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPES_RECIPE_TEXTS_H_
