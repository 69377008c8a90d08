"""Finds libraries that the operating system installed."""

def _require_header(repository_ctx):
    """The folder of headers that has the rule's header."""
    for directory in [
        "/usr/include",
        "/usr/local/include",
        # Headers that differ between CPUs.
        "/usr/include/x86_64-linux-gnu",
        "/usr/include/aarch64-linux-gnu",
    ]:
        if repository_ctx.path(directory + "/" + repository_ctx.attr.header).exists:
            return directory
    return fail("\n\n{name} is not installed: {header} was not found. Run ./bazelw, or: apt-get install {package}\n".format(
        name = repository_ctx.name,
        header = repository_ctx.attr.header,
        package = repository_ctx.attr.package,
    ))

def link_options(repository_ctx, library):
    """The options that link a library.

    Args:
      repository_ctx: of the rule.
      library: a linker option, the name of a pkg-config module, or
        MODULE:FOLDER for a folder beside a module's libraries that has more.

    Returns:
      A list of strings.
    """
    if library.startswith("-"):
        return [library]
    module, _, folder = library.partition(":")
    result = repository_ctx.execute(
        ["pkg-config", "--variable=libdir" if folder else "--libs", module],
    )
    if result.return_code != 0:
        fail("\n\n{name}: pkg-config --libs {library}: {stderr}Run ./bazelw, or: apt-get install pkg-config {package}\n".format(
            name = repository_ctx.name,
            library = library,
            stderr = result.stderr,
            package = repository_ctx.attr.package,
        ))
    if folder:
        path = result.stdout.strip() + "/" + folder
        return ["-L" + path, "-Wl,-rpath," + path]
    return [option for option in result.stdout.strip().split(" ") if option]

def _system_library_impl(repository_ctx):
    _require_header(repository_ctx)
    build_files = {}
    for label, libraries in repository_ctx.attr.targets.items():
        package, target = label.split(":")
        options = []
        for library in libraries:
            options += link_options(repository_ctx, library)
        build_files.setdefault(package, []).append(
            'cc_library(name = "{}", defines = {}, linkopts = {})'.format(
                target,
                repository_ctx.attr.defines,
                options,
            ),
        )
    for package, rules in build_files.items():
        repository_ctx.file(
            (package + "/" if package else "") + "BUILD",
            "\n".join(['package(default_visibility = ["//visibility:public"])'] + rules + [""]),
        )

system_library = repository_rule(
    implementation = _system_library_impl,
    local = True,
    attrs = {
        "defines": attr.string_list(
            doc = "Macros, NAME=VALUE, for whatever depends on the library.",
        ),
        "header": attr.string(
            mandatory = True,
            doc = "A header below the system's include folder that shows that the library is there.",
        ),
        "package": attr.string(
            mandatory = True,
            doc = "The Debian package to name when it is not.",
        ),
        "targets": attr.string_list_dict(
            mandatory = True,
            doc = "'package:target' -> pkg-config modules and linker options.",
        ),
    },
    doc = """Targets for a library whose headers and binaries the system holds.

The targets carry link options only, under the names that the library's own
Bazel build gives them, so that a source archive can take this rule's place.""",
)

def _system_protobuf_impl(repository_ctx):
    include = _require_header(repository_ctx)
    protoc = repository_ctx.which("protoc")
    if not protoc:
        fail("\n\nprotoc is not installed. Run ./bazelw, or: apt-get install protobuf-compiler\n")
    repository_ctx.symlink(protoc, "protoc_binary")
    repository_ctx.symlink(
        include + "/google/protobuf/descriptor.proto",
        "google/protobuf/descriptor.proto",
    )
    repository_ctx.file("BUILD", """
package(default_visibility = ["//visibility:public"])

sh_binary(
    name = "protoc",
    srcs = ["protoc_binary"],
)

cc_library(
    name = "protobuf",
    linkopts = {},
)

# Options of fields extend its messages, whose C++ the library has.
proto_library(
    name = "descriptor_proto",
    srcs = ["google/protobuf/descriptor.proto"],
)

# What is compiled for size has the lite runtime: messages without reflection.
config_setting(
    name = "small",
    values = {{"copt": "-DLENSLET_SMALL"}},
)

proto_lang_toolchain(
    name = "cc_toolchain",
    blacklisted_protos = [":descriptor_proto"],
    command_line = select({{
        ":small": "--cpp_out=lite:$(OUT)",
        "//conditions:default": "--cpp_out=$(OUT)",
    }}),
    runtime = ":protobuf",
)
""".format(link_options(repository_ctx, "protobuf")))

system_protobuf = repository_rule(
    implementation = _system_protobuf_impl,
    local = True,
    attrs = {
        "header": attr.string(default = "google/protobuf/message.h"),
        "package": attr.string(default = "libprotobuf-dev"),
    },
    doc = "What proto_library and cc_proto_library ask @com_google_protobuf for.",
)
