"""Recipes that are compiled in, so that a program needs no files."""

_BEGIN = """#include "lenslet/train/recipe/recipes/recipe_texts.h"

namespace lenslet {

absl::Span<const NamedText> RecipeTexts() {
  // A literal for each line: compilers limit the length of one.
  static constexpr NamedText kRecipes[] = {
"""

_END = """  };
  return kRecipes;
}

}  // namespace lenslet
"""

def _echo(text):
    return "cat <<'END_OF_TEXT'\n" + text + "END_OF_TEXT\n"

def recipe_texts(name, recipes):
    """The .cc file NAME.cc of NAME.h, with the text of each RECIPE.textproto.

    Args:
      name: of the file, without ".cc".
      recipes: names, sorted.
    """
    parts = [_echo(_BEGIN)]
    for recipe in recipes:
        parts.append(_echo("      {\"" + recipe + "\",\n"))

        # A line that ends its own literal is an error of the compiler.
        parts.append("sed -e 's/.*/R\"text(&)text\" \"\\\\n\"/' $(location " +
                     recipe + ".textproto)\n")
        parts.append(_echo("      },\n"))
    parts.append(_echo(_END))
    native.genrule(
        name = name + "_source",
        srcs = [recipe + ".textproto" for recipe in recipes],
        outs = [name + ".cc"],
        cmd = "{\n" + "".join(parts) + "} > $@\n",
    )
