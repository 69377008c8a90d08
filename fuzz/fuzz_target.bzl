"""Fuzz targets: functions that must hold whatever bytes they are given."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")
load("//:library.bzl", "lenslet_library")

# A line of a proto file that declares a field or an enum's value. Comments that
# look like one do no harm.
_NAME = r"s/.* ([A-Za-z_0-9]+) = [0-9]+;.*/\"\1\"/p"

def fuzz_target(name, deps, mutator = None, protos = None):
    """A fuzz target, which NAME_target.cc defines as LLVMFuzzerTestOneInput().

    Makes
      NAME_seeds_test  a test that runs the target over fuzz/seeds/NAME/,
      NAME_fuzzer      the libFuzzer program, for --config=fuzz alone,
      NAME.dict        with `protos`: the names of their fields and values, words
                       for libFuzzer to put into texts. Otherwise there may be a
                       file of that name.

    Args:
      name: letters, digits and _.
      deps: of NAME_target.cc.
      mutator: a library that defines LLVMFuzzerCustomMutator(), if libFuzzer's
        own changes would seldom get past the format's checksums.
      protos: .proto files that say what texts have.
    """
    lenslet_library(
        name = name + "_target",
        testonly = True,
        srcs = [name + "_target.cc"],
        deps = deps,
        # main(), which calls it, comes from elsewhere.
        alwayslink = True,
    )
    cc_test(
        name = name + "_seeds_test",
        size = "small",
        args = [native.package_name() + "/seeds/" + name],
        data = native.glob(["seeds/" + name + "/*"]),
        deps = [
            ":" + name + "_target",
            ":replay_main",
        ],
    )
    cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        data = [name + ".dict"] if protos else native.glob([name + ".dict"]),
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":" + name + "_target"] + ([mutator] if mutator else []),
    )
    if protos:
        native.genrule(
            name = name + "_dictionary",
            srcs = protos,
            outs = [name + ".dict"],
            cmd = "sed -nE '%s' $(SRCS) | sort -u > $@" % _NAME,
        )
