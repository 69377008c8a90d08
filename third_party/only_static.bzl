"""Libraries to link with in place of shared ones."""

load(":system_library.bzl", "link_options")

# Options that give functions of the same code one place. Bazel links with gold
# where it is installed; other linkers may not know them.
def _fold_functions(repository_ctx):
    option = "-Wl,--icf=safe"
    linked = repository_ctx.execute(
        ["gcc", "-fuse-ld=gold", option, "-shared", "-x", "c", "/dev/null", "-o", "a.so"],
    )
    repository_ctx.delete("a.so")
    return [option] if linked.return_code == 0 else []

def _only_static_impl(repository_ctx):
    names = []
    for library in repository_ctx.attr.replaced:
        names += [
            option[2:]
            for option in link_options(repository_ctx, library)
            if option.startswith("-l") and option not in ["-latomic", "-lrt"]
        ]
    for name in names:
        repository_ctx.file("lib%s.a" % name, "!<arch>\n", executable = False)
    for name in repository_ctx.attr.static:
        found = repository_ctx.execute(
            ["gcc", "-print-file-name=lib%s.a" % name],
        ).stdout.strip()
        if not found.startswith("/"):
            fail("\n\n{}: lib{}.a was not found. Run ./bazelw, or: apt-get install {}\n".format(
                repository_ctx.name,
                name,
                repository_ctx.attr.package,
            ))
        repository_ctx.symlink(found, "libstatic_%s.a" % name)
        if name not in names:
            repository_ctx.file("lib%s.a" % name, "!<arch>\n", executable = False)
    repository_ctx.file("BUILD", """
package(default_visibility = ["//visibility:public"])

filegroup(
    name = "archives",
    srcs = glob(["*.a"]),
)

cc_library(
    name = "only_static",
    linkopts = ["-Lexternal/" + repository_name().lstrip("@")] + {},
)
""".format(
        ["-lstatic_" + name for name in repository_ctx.attr.static] +
        _fold_functions(repository_ctx),
    ))

only_static = repository_rule(
    implementation = _only_static_impl,
    local = True,
    attrs = {
        "package": attr.string(mandatory = True),
        "replaced": attr.string_list(
            mandatory = True,
            doc = "pkg-config modules and linker options: libraries whose functions the shared library has in it.",
        ),
        "static": attr.string_list(
            mandatory = True,
            doc = "Names of libraries to link with statically, though targets name the shared ones.",
        ),
    },
    doc = """:only_static is for a shared library that shall need no others.

Its search path has empty archives of the names of shared libraries, which the
linker takes instead. It would export what they refer to. It also folds functions
of the same code, if the linker can. Whoever depends on :only_static has :archives as additional_linker_inputs.""",
)
