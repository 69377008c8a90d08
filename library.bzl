"""Lenslet's libraries and tests.

Headers are included as "lenslet/FOLDER/FILE.h". The prefix keeps a workspace's
own base/file.h and Lenslet's apart.

The sources of a target are compiled together: a generated file includes them.
Parsing the headers of Abseil, protobuf and GoogleTest takes several times as
long as compiling what is in one of our files, and so it is done once. For this,
names in the unnamed namespaces of one target's files must differ. With
--config=apart, each file is compiled by itself, as a check that it includes
what it uses.
"""

load("@rules_cc//cc:defs.bzl", "cc_library", "cc_proto_library", "cc_test")
load("@rules_proto//proto:defs.bzl", "proto_library")

# The copts of a library with loops over many numbers: they are compiled for
# speed where all else is for size (bindings/c/small.bzl).
FAST_COPTS = select({
    "//:small": ["-O3"],
    "//conditions:default": [],
})

# More would leave processors idle, and memory short, with sanitizers.
_SOURCES_TOGETHER = 12

def _joined_source_impl(ctx):
    # Paths from the root of the repository, which is "../lenslet" elsewhere.
    paths = [
        f.short_path[3:].partition("/")[2] if f.short_path.startswith("../") else f.short_path
        for f in ctx.files.srcs
    ]
    source = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        source,
        "".join(["#include \"%s\"\n" % path for path in paths]),
    )
    return [DefaultInfo(files = depset([source]))]

_joined_source = rule(
    doc = "A C++ file of the target's name that includes others.",
    implementation = _joined_source_impl,
    attrs = {"srcs": attr.label_list(allow_files = [".cc"], mandatory = True)},
)

def _join(name, srcs, ending, testonly):
    """Returns what to compile in place of `srcs`, and targets for deps."""
    srcs = sorted(srcs)
    if len(srcs) < 2:
        return srcs, []
    count = (len(srcs) + _SOURCES_TOGETHER - 1) // _SOURCES_TOGETHER
    joined = []
    for i in range(count):
        joined.append("%s_joined_%d%s" % (name, i + 1, ending))
        _joined_source(
            name = joined[i],
            srcs = srcs[len(srcs) * i // count:len(srcs) * (i + 1) // count],
            testonly = testonly,
            visibility = ["//visibility:private"],
        )
    cc_library(
        name = name + "_sources",
        testonly = testonly,
        textual_hdrs = srcs,
        visibility = ["//visibility:private"],
    )
    return select({
        "//:apart": srcs,
        "//conditions:default": joined,
    }), [":" + name + "_sources"]

def lenslet_library(name, srcs = [], simd_srcs = [], deps = [], copts = [], **kwargs):
    """A cc_library with the prefix, which the path of lenslet/ itself has.

    Args:
      name: of the library.
      srcs: sources, compiled together, and headers of its own.
      simd_srcs: sources that Highway compiles once for each instruction set.
        Each is compiled by itself.
      deps: other libraries.
      copts: the compiler's flags for this library.
      **kwargs: cc_library's.
    """
    if native.package_name() != "lenslet":
        kwargs["include_prefix"] = "lenslet"
        kwargs["strip_include_prefix"] = "/"
    joined, sources = _join(
        name,
        [src for src in srcs if src.endswith(".cc")],
        ".cc",
        kwargs.get("testonly"),
    )
    headers = [src for src in srcs if not src.endswith(".cc")]

    # Warnings are for those who can mend them.
    copts = copts + ([] if native.repository_name() == "@" else ["-w"])
    simd_deps = []
    if simd_srcs:
        # Apart where the rest is compiled for size.
        simd_kwargs = dict(kwargs)
        simd_kwargs.update(
            name = name + "_simd",
            srcs = simd_srcs + headers,
            copts = copts + FAST_COPTS,
            tags = ["manual"],
            visibility = ["//visibility:private"],
            deps = deps,
        )
        cc_library(**simd_kwargs)
        simd_deps = select({
            "//:small": [":" + name + "_simd"],
            "//conditions:default": [],
        })
        simd_srcs = select({
            "//:small": [],
            "//conditions:default": simd_srcs,
        })
    cc_library(
        name = name,
        srcs = joined + simd_srcs + headers,
        copts = copts,
        deps = deps + sources + simd_deps,
        **kwargs
    )

def lenslet_test(name, srcs, deps, **kwargs):
    """A cc_test of several files, compiled together.

    Args:
      name: ends in _test.
      srcs: sources. One of them is run by
        bazel test //FOLDER:NAME --test_filter='NameOfItsTest.*'
      deps: libraries.
      **kwargs: cc_test's.
    """
    joined, sources = _join(name, srcs, "_test.cc", True)
    cc_test(
        name = name,
        srcs = joined,
        deps = deps + sources,
        **kwargs
    )

def lenslet_proto_library(name, srcs, deps = [], visibility = None):
    """A proto_library with the prefix, and its C++ library.

    The latter's name has _cc_proto instead of _proto.

    Args:
      name: of the messages, which ends in _proto.
      srcs: .proto files, which import others as "lenslet/FOLDER/FILE.proto".
      deps: other targets *_proto.
      visibility: of both.
    """
    proto_library(
        name = name,
        srcs = srcs,
        import_prefix = "lenslet",
        strip_import_prefix = "/",
        visibility = visibility,
        deps = deps,
    )
    cc_proto_library(
        name = name[:-len("_proto")] + "_cc_proto",
        visibility = visibility,
        deps = [":" + name],
    )
