"""The libraries of deps.bzl for MODULE.bazel, which Bazel 4 does not read."""

load(":deps.bzl", "LIBRARIES")

def _libraries_impl(_module_ctx):
    for name, declare in LIBRARIES.items():
        declare(name = name)

libraries = module_extension(
    implementation = _libraries_impl,
    doc = "A repository for each of LIBRARIES.",
)
