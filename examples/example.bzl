"""The programs of the book's sections."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")

def example(name, deps, size = "small", numbers = 0, letters = 0):
    """A program, and a test of all that it prints.

    The program is NAME.cc; what it must print is expected/NAME.txt.

    Args:
      name: of the program.
      deps: its libraries.
      size: of the test; programs that train take more than a small one.
      numbers: how far numbers may be from those of the file. CPUs without
        fused multiply-adds round differently, and training makes the
        difference larger.
      letters: the share of letters of pictures that may differ.
    """
    cc_binary(
        name = name,
        srcs = [name + ".cc"],
        visibility = ["//tests:__subpackages__"],
        deps = deps,
    )
    cc_test(
        name = name + "_test",
        size = size,
        data = [
            ":" + name,
            "expected/" + name + ".txt",
        ],
        env = {
            "EXAMPLE": name,
            "LETTERS": str(letters),
            "NUMBERS": str(numbers),
        },
        deps = [":example_test"],
    )
