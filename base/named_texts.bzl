"""Text files that are compiled in, so that a program needs none at run time."""

load("//:library.bzl", "lenslet_library")

_BEGIN = """#include "lenslet/{package}/{name}.h"

namespace lenslet {{

absl::Span<const NamedText> {function}() {{
  // A literal for each line: compilers limit the length of one.
  static constexpr NamedText kTexts[] = {{
"""

_END = """  };
  return kTexts;
}

}  // namespace lenslet
"""

def _echo(text):
    return "cat <<'END_OF_TEXT'\n" + text + "END_OF_TEXT\n"

def named_texts(name, function, texts, visibility = None):
    """The library of NAME.h, which declares FUNCTION().

    FUNCTION() returns a NamedText (base/named_text.h) for each file
    TEXT.textproto of the package.

    Args:
      name: of the target, and of its header.
      function: its name.
      texts: names, sorted.
      visibility: of the library.
    """
    begin = _BEGIN.format(
        function = function,
        name = name,
        package = native.package_name(),
    )
    parts = [_echo(begin)]
    for text in texts:
        parts.append(_echo("      {\"" + text + "\",\n"))

        # A line that ends its own literal is an error of the compiler.
        parts.append("sed -e 's/.*/R\"text(&)text\" \"\\\\n\"/' $(location " +
                     text + ".textproto)\n")
        parts.append(_echo("      },\n"))
    parts.append(_echo(_END))
    native.genrule(
        name = name + "_source",
        srcs = [text + ".textproto" for text in texts],
        outs = [name + ".cc"],
        cmd = "{\n" + "".join(parts) + "} > $@\n",
        visibility = ["//visibility:private"],
    )
    lenslet_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = [name + ".h"],
        visibility = visibility,
        deps = [
            "//base",
            "@com_google_absl//absl/types:span",
        ],
    )
