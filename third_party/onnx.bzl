"""The protocol buffers of the ONNX format, as Debian packages them."""

def _onnx_impl(repository_ctx):
    proto = repository_ctx.path("/usr/include/onnx/onnx.proto")
    if not proto.exists:
        fail("\n\nonnx.proto is not installed. Run ./bazelw, or: apt-get install libonnx-dev\n")
    repository_ctx.symlink(proto, "onnx/onnx.proto")
    repository_ctx.file("BUILD", """
load("@rules_cc//cc:defs.bzl", "cc_proto_library")
load("@rules_proto//proto:defs.bzl", "proto_library")

proto_library(
    name = "onnx_proto",
    srcs = ["onnx/onnx.proto"],
)

cc_proto_library(
    name = "onnx_cc_proto",
    visibility = ["//visibility:public"],
    deps = [":onnx_proto"],
)
""")

onnx = repository_rule(
    implementation = _onnx_impl,
    local = True,
    doc = "@onnx//:onnx_cc_proto has onnx/onnx.pb.h.",
)
