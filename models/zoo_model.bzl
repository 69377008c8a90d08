"""Models that are compiled in, so that a program needs no files."""

load("@rules_cc//cc:defs.bzl", "cc_library")

_HEADER = """// Generated from {src}.

#ifndef {guard}
#define {guard}

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/layers/graph.h"

namespace lenslet {{

// The text of {src}.
absl::string_view {function}Text();

// The graph that BuildGraph() makes of it.
absl::StatusOr<Graph> {function}();

}}  // namespace lenslet

#endif  // {guard}
"""

_SOURCE_BEGIN = """#include "{header}"

#include "lenslet/base/status_macros.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"

namespace lenslet {{

absl::string_view {function}Text() {{
  // A literal for each line: compilers limit the length of one.
  static constexpr char kText[] = ""
"""

_SOURCE_END = """      ;
  return absl::string_view(kText, sizeof(kText) - 1);
}}

absl::StatusOr<Graph> {function}() {{
  LENSLET_ASSIGN_OR_RETURN(const ModelText text,
                           ParseModelText({function}Text(), "{src}"));
  return BuildGraph(text);
}}

}}  // namespace lenslet
"""

def _echo(template, values):
    return "cat <<'END_OF_TEMPLATE'\n" + template.format(**values) + "END_OF_TEMPLATE\n"

def zoo_model(name, include_prefix = "", visibility = None):
    """A cc_library of the model in NAME.textproto.

    Its header, NAME.h, declares the functions NameText() and Name(), in the
    namespace lenslet: the text, and the graph that it stands for.

    Args:
      name: small letters, digits and _; "lenet_relu" makes LenetRelu().
      include_prefix: what stands before the header's path in an #include.
      visibility: of the cc_library.
    """
    package = native.package_name()
    path = package + "/" + name if package else name
    values = {
        "function": "".join([word.capitalize() for word in name.split("_")]),
        "guard": "LENSLET_" + path.upper().replace("/", "_") + "_H_",
        "header": (include_prefix + "/" if include_prefix else "") + path + ".h",
        "src": path + ".textproto",
    }
    native.genrule(
        name = name + "_source",
        srcs = [name + ".textproto"],
        outs = [name + ".h", name + ".cc"],
        cmd = "{\n" + _echo(_HEADER, values) + "} > $(location " + name + ".h)\n" +
              "{\n" + _echo(_SOURCE_BEGIN, values) +
              # A line that ends its own literal is an error of the compiler.
              "sed -e 's/.*/R\"text(&)text\" \"\\\\n\"/' $<\n" +
              _echo(_SOURCE_END, values) + "} > $(location " + name + ".cc)\n",
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = [name + ".h"],
        include_prefix = include_prefix or None,
        strip_include_prefix = "/",
        visibility = visibility,
        deps = [
            Label("//base"),
            Label("//layers"),
            Label("//models"),
            Label("@com_google_absl//absl/status:statusor"),
            Label("@com_google_absl//absl/strings"),
        ],
    )
