"""The programs of the book's sections."""

def example(name, deps, size = "small"):
    """A program, and a test of all that it prints.

    The program is NAME.cc; what it must print is expected/NAME.txt.

    Args:
      name: of the program.
      deps: its libraries.
      size: of the test; programs that train take more than a small one.
    """
    native.cc_binary(
        name = name,
        srcs = [name + ".cc"],
        deps = deps,
    )
    expected = "expected/" + name + ".txt"
    native.sh_test(
        name = name + "_test",
        size = size,
        srcs = ["compare_output.sh"],
        args = [
            "$(location :" + name + ")",
            "$(location " + expected + ")",
        ],
        data = [
            ":" + name,
            expected,
        ],
    )
