"""Trained networks as libraries."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def lenslet_model(name, checkpoint, rows = False, class_only = False, visibility = None):
    """A cc_library of a trained network, without dependencies.

    Its header, NAME.h, is what "lenslet export --c=NAME" writes; the library
    has the weights in it. docs/deploy.md shows how to call it.

    Args:
      name: a C identifier.
      checkpoint: a checkpoint, or an ONNX model.
      rows: whether it takes inputs row by row: --c_rows.
      class_only: whether it returns no scores: --c_class_only.
      visibility: of the library.
    """
    lenslet = Label("//tools:lenslet")

    # Tools are compiled apart, for the machine that builds. Lenslet builds the
    # program for itself anyway, so that it is no tool here.
    program, tool = ([lenslet], []) if native.repository_name() == "@" else ([], [lenslet])
    native.genrule(
        name = name + "_files",
        srcs = [checkpoint] + program,
        outs = [name + ".h", name + ".c"],
        cmd = "$(location {}) export $(location {}) --c=$(@D)/{}{}{} > /dev/null".format(
            lenslet,
            checkpoint,
            name,
            " --c_rows" if rows else "",
            " --c_class_only" if class_only else "",
        ),
        tools = tool,
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = [name + ".c"],
        hdrs = [name + ".h"],
        includes = ["."],
        visibility = visibility,
    )
