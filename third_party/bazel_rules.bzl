"""The rule sets that Bazel's own tools load, where the system holds them."""

def _rules_cc_impl(repository_ctx):
    repository_ctx.file("BUILD")
    repository_ctx.file("cc/BUILD")
    repository_ctx.file("cc/defs.bzl", "\n".join([
        "{name} = native.{name}".format(name = name)
        for name in [
            "cc_binary",
            "cc_import",
            "cc_library",
            "cc_proto_library",
            "cc_test",
            "cc_toolchain",
            "cc_toolchain_suite",
            "fdo_prefetch_hints",
            "fdo_profile",
            "objc_library",
        ]
    ]))

rules_cc = repository_rule(
    implementation = _rules_cc_impl,
    doc = "Re-exports Bazel's native rules: Debian's bazel-rules-cc is too new for Bazel 4.2.",
)

def _remote_coverage_tools_impl(repository_ctx):
    repository_ctx.file("BUILD", """
package(default_visibility = ["//visibility:public"])

filegroup(name = "coverage_report_generator")

filegroup(name = "lcov_merger")
""")

remote_coverage_tools = repository_rule(
    implementation = _remote_coverage_tools_impl,
    doc = "Empty: cc_test refers to it even when no coverage is asked for.",
)

def _system_bazel_rules_impl(repository_ctx):
    source = repository_ctx.path("/usr/share/bazel/rules/" + repository_ctx.attr.directory)
    if not source.exists:
        fail("\n\n{name} is not installed. Run ./bazelw, or: apt-get install {package}\n".format(
            name = repository_ctx.name,
            package = repository_ctx.attr.package,
        ))
    for child in source.readdir():
        repository_ctx.symlink(child, child.basename)

system_bazel_rules = repository_rule(
    implementation = _system_bazel_rules_impl,
    local = True,
    attrs = {
        "directory": attr.string(mandatory = True),
        "package": attr.string(mandatory = True),
    },
    doc = "A rule set that a Debian package installed below /usr/share/bazel/rules.",
)
