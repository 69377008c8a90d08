"""The Fashion-MNIST data set, as Debian packages it."""

_FILES = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
]

# A module's repositories have other names among runfiles than in BUILD files.
_HEADER = """#ifndef FASHION_MNIST_RUNFILE_H_
#define FASHION_MNIST_RUNFILE_H_

// For Runfiles::Rlocation(): one of the files, which all lie in one folder.
inline constexpr char kFashionMnistRunfile[] = "{}/{}";

#endif  // FASHION_MNIST_RUNFILE_H_
"""

def _fashion_mnist_impl(repository_ctx):
    directory = repository_ctx.path("/usr/share/datasets/fashion-mnist")
    if not directory.exists:
        fail("\n\nFashion-MNIST is not installed. Run ./bazelw, or: apt-get install dataset-fashion-mnist\n")
    for name in _FILES:
        repository_ctx.symlink(directory.get_child(name), name)
    repository_ctx.file("runfile.h", _HEADER.format(repository_ctx.name, _FILES[0]))
    repository_ctx.file("BUILD", """
load("@rules_cc//cc:defs.bzl", "cc_library")

filegroup(
    name = "fashion_mnist",
    srcs = {},
    visibility = ["//visibility:public"],
)

cc_library(
    name = "runfile",
    hdrs = ["runfile.h"],
    include_prefix = "fashion_mnist",
    strip_include_prefix = "/",
    visibility = ["//visibility:public"],
)
""".format(_FILES))

fashion_mnist = repository_rule(
    implementation = _fashion_mnist_impl,
    local = True,
    doc = """The four IDX files, and classes.txt with the classes' names.

@fashion_mnist//:runfile has fashion_mnist/runfile.h, which says where programs
find them.""",
)
