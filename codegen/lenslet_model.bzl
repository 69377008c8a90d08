"""Trained networks as libraries."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def lenslet_model(name, checkpoint, visibility = None):
    """A cc_library of a trained network, without dependencies.

    Its header, NAME.h, is what "lenslet export --c=NAME" writes; the library
    has the weights in it. docs/deploy.md shows how to call it.

    Args:
      name: a C identifier.
      checkpoint: a checkpoint, or an ONNX model.
      visibility: of the library.
    """
    lenslet = Label("//tools:lenslet")
    native.genrule(
        name = name + "_files",
        srcs = [checkpoint],
        outs = [name + ".h", name + ".c"],
        cmd = "$(location {}) export $(location {}) --c=$(@D)/{} > /dev/null".format(
            lenslet,
            checkpoint,
            name,
        ),
        tools = [lenslet],
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = [name + ".c"],
        hdrs = [name + ".h"],
        includes = ["."],
        visibility = visibility,
    )
