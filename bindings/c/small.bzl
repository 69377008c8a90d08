"""Compiles a library for size instead of speed."""

# The CPUs with x86-64's instructions, as Bazel calls them.
_X86 = ["k8", "x86_64"]

def _small_impl(settings, _attr):
    options = [
        "-DLENSLET_SMALL",
        "-Os",
        "-fno-asynchronous-unwind-tables",
        "-fomit-frame-pointer",
        "-fvisibility=hidden",
    ]
    if settings["//command_line_option:cpu"] in _X86:
        # One set of kernels, of the four that programs have.
        options += ["-DHWY_BASELINE_TARGETS=HWY_AVX2", "-DHWY_COMPILE_ONLY_STATIC"]
    return {
        "//command_line_option:copt": settings["//command_line_option:copt"] + options,
    }

_small = transition(
    implementation = _small_impl,
    inputs = [
        "//command_line_option:copt",
        "//command_line_option:cpu",
    ],
    outputs = ["//command_line_option:copt"],
)

def _small_library_impl(ctx):
    library = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = library,
        target_file = ctx.files.library[0],
    )
    return [DefaultInfo(
        files = depset([library]),
        runfiles = ctx.runfiles(files = [library]),
    )]

small_library = rule(
    doc = "A shared library of the target's name, compiled for size with all that it depends on.",
    implementation = _small_library_impl,
    attrs = {
        "library": attr.label(
            cfg = _small,
            doc = "A cc_binary that is linked as a shared library.",
            mandatory = True,
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
