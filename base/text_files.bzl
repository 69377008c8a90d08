"""Files that are compiled in, so that a program needs none at run time."""

load("//:library.bzl", "lenslet_library")

def text_files(name, files, visibility = None):
    """A library of functions that return the texts of files.

    Its header, NAME.h, declares the functions in the namespace lenslet.

    Args:
      name: of the target, and of its header.
      files: a dictionary from a function's name to its file.
      visibility: of the library.
    """
    package = native.package_name()
    guard = "LENSLET_{}_H_".format(
        (package + "/" + name).upper().replace("/", "_"),
    )
    header = [
        "#ifndef " + guard,
        "#define " + guard,
        "#include \"absl/strings/string_view.h\"",
        "namespace lenslet {",
    ] + [
        "absl::string_view {}();".format(function)
        for function in files
    ] + ["}", "#endif"]
    native.genrule(
        name = name + "_header",
        outs = [name + ".h"],
        cmd = "cat > $@ <<'END_OF_TEXT'\n" + "\n".join(header) + "\nEND_OF_TEXT\n",
    )

    # A literal for each line: compilers limit the length of one.
    pieces = ["echo '#include \"lenslet/{}/{}.h\"'".format(package, name), "echo 'namespace lenslet {'"]
    for function, file in files.items():
        pieces += [
            "echo 'absl::string_view {}() {{ static constexpr char kText[] ='".format(function),
            "sed -e 's/^/R\"lenslet(/' -e 's/$$/\\n)lenslet\"/' $(location {})".format(file),
            "echo '; return absl::string_view(kText, sizeof(kText) - 1); }'",
        ]
    pieces.append("echo '}'")
    native.genrule(
        name = name + "_source",
        srcs = files.values(),
        outs = [name + ".cc"],
        cmd = "(" + " && ".join(pieces) + ") > $@",
    )
    lenslet_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = [name + ".h"],
        visibility = visibility,
        deps = ["@com_google_absl//absl/strings"],
    )
