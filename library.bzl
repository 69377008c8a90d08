"""Lenslet's libraries, whose headers are included as "lenslet/FOLDER/FILE.h".

The prefix keeps a workspace's own base/file.h and Lenslet's apart.
"""

load("@rules_cc//cc:defs.bzl", "cc_library", "cc_proto_library")
load("@rules_proto//proto:defs.bzl", "proto_library")

def lenslet_library(name, **kwargs):
    """A cc_library with the prefix, which the path of lenslet/ itself has.

    Args:
      name: of the library.
      **kwargs: cc_library's.
    """
    if native.package_name() != "lenslet":
        kwargs["include_prefix"] = "lenslet"
        kwargs["strip_include_prefix"] = "/"
    cc_library(
        name = name,
        # Warnings are for those who can mend them.
        copts = [] if native.repository_name() == "@" else ["-w"],
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
