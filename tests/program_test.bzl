"""Tests that run programs as a user does."""

load("@rules_cc//cc:defs.bzl", "cc_test")

def program_test(name, programs = ["lenslet"], deps = [], data = [], size = "small"):
    """A cc_test of NAME.cc that calls RunProgram() (run_program.h).

    Args:
      name: of the test.
      programs: names of programs in //tools, which the test may run.
      deps: what it needs besides run_program and what most tests of programs
        need: files, folders for them, matchers, strings, GoogleTest.
      data: files that it reads.
      size: how long it takes.
    """
    cc_test(
        name = name,
        size = size,
        srcs = [name + ".cc"],
        data = ["//tools:" + program for program in programs] + data,
        deps = deps + [
            "//base",
            "//base:testing",
            "//tests:run_program",
            "@com_google_absl//absl/strings",
            "@com_google_googletest//:gtest_main",
        ],
    )
