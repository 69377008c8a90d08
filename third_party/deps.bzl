"""Everything outside Lenslet that Lenslet builds with."""

load(":bazel_rules.bzl", "remote_coverage_tools", "rules_cc", "system_bazel_rules")
load(":chart_js.bzl", "chart_js")
load(":debian_source.bzl", "debian_source")
load(":fashion_mnist.bzl", "fashion_mnist")
load(":only_static.bzl", "only_static")
load(":onnx.bzl", "onnx")
load(":system_library.bzl", "system_library", "system_protobuf")

def _absl(name):
    system_library(
        name = name,
        header = "absl/base/config.h",
        package = "libabsl-dev",
        targets = {
            "absl/base:core_headers": [],
            "absl/container:inlined_vector": ["absl_inlined_vector"],
            "absl/functional:function_ref": ["absl_function_ref"],
            "absl/status:status": ["absl_status"],
            "absl/status:statusor": ["absl_statusor"],
            "absl/strings:str_format": ["absl_str_format"],
            "absl/strings:strings": ["absl_strings"],
            "absl/types:span": ["absl_span"],
        },
    )

def _abseil_source(name):
    debian_source(
        name = name,
        build_file = Label("//third_party/self_contained:abseil.BUILD"),
        package = "libabsl-dev",
        source = "abseil",
    )

def _benchmark(name):
    system_library(
        name = name,
        header = "benchmark/benchmark.h",
        package = "libbenchmark-dev",
        targets = {
            ":benchmark": ["benchmark"],
            ":benchmark_main": ["benchmark", "-lbenchmark_main"],
        },
    )

def _cli11(name):
    system_library(
        name = name,
        header = "CLI/CLI.hpp",
        package = "libcli11-dev",
        targets = {":CLI11": []},
    )

def _googletest(name):
    system_library(
        name = name,
        header = "gmock/gmock.h",
        package = "libgmock-dev",
        targets = {
            ":gtest": ["gmock"],
            ":gtest_main": ["gmock_main"],
        },
    )

def _graphviz(name):
    system_library(
        name = name,
        header = "graphviz/gvc.h",
        package = "libgraphviz-dev",
        # Linked, its plugins need no list that an installation has to make, and
        # measure text by tables of their own instead of the machine's fonts.
        targets = {":gvc": [
            "libgvc",
            "libcgraph",
            "libgvc:graphviz",
            "-lgvplugin_core",
            "-lgvplugin_dot_layout",
        ]},
    )

def _highway(name):
    system_library(
        name = name,
        # Our kernels keep vectors in arrays, which those whose length is known
        # only at run time cannot be in. On 64-bit ARM, NEON remains. CPUs with
        # SSSE3 but without SSE4 are too old to be worth the time to compile.
        defines = [
            "HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128|HWY_RVV)",
        ],
        header = "hwy/highway.h",
        package = "libhwy-dev",
        targets = {":hwy": ["libhwy"]},
    )

def _libjpeg(name):
    system_library(
        name = name,
        header = "jpeglib.h",
        package = "libjpeg62-turbo-dev",
        targets = {":jpeg": ["libjpeg"]},
    )

def _libtiff(name):
    system_library(
        name = name,
        header = "tiffio.h",
        package = "libtiff-dev",
        targets = {":tiff": ["libtiff-4"]},
    )

def _libtorch(name):
    system_library(
        name = name,
        header = "torch/csrc/api/include/torch/torch.h",
        package = "libtorch-dev",
        targets = {":torch": [
            "-ltorch",
            "-ltorch_cpu",
            "-lc10",
        ]},
    )

def _libwebp(name):
    system_library(
        name = name,
        header = "webp/decode.h",
        package = "libwebp-dev",
        targets = {
            ":webp": ["libwebp"],
            ":webpdemux": ["libwebpdemux"],
            ":webpmux": ["libwebpmux"],
        },
    )

def _nlohmann_json(name):
    system_library(
        name = name,
        header = "nlohmann/json.hpp",
        package = "nlohmann-json3-dev",
        targets = {":json": []},
    )

def _onednn(name):
    system_library(
        name = name,
        header = "dnnl.hpp",
        package = "libdnnl-dev",
        targets = {":dnnl": ["-ldnnl"]},
    )

def _only_static(name):
    only_static(
        name = name,
        package = "g++ zlib1g-dev",
        replaced = [
            "absl_inlined_vector",
            "absl_function_ref",
            "absl_span",
            "absl_status",
            "absl_statusor",
            "absl_str_format",
            "absl_strings",
            "libhwy",
            "libxxhash",
            "protobuf",
            "-lXNNPACK",
            "-lpthreadpool",
        ],
        static = [
            "stdc++",
            "z",
        ],
    )

def _protobuf_source(name):
    debian_source(
        name = name,
        build_file = Label("//third_party/self_contained:protobuf.BUILD"),
        package = "libprotobuf-dev",
        source = "protobuf",
    )

def _rules_java(name):
    system_bazel_rules(
        name = name,
        directory = "java",
        package = "bazel-rules-java",
    )

def _rules_proto(name):
    system_bazel_rules(
        name = name,
        directory = "proto",
        package = "bazel-rules-proto",
    )

def _stb(name):
    system_library(
        name = name,
        header = "stb/stb_image.h",
        package = "libstb-dev",
        targets = {
            ":stb_image": [],
            ":stb_image_resize": [],
            ":stb_image_write": [],
        },
    )

def _xnnpack(name):
    system_library(
        name = name,
        header = "xnnpack.h",
        package = "libxnnpack-dev",
        targets = {":XNNPACK": [
            "-lXNNPACK",
            "-lpthreadpool",
        ]},
    )

def _xxhash(name):
    system_library(
        name = name,
        header = "xxhash.h",
        package = "libxxhash-dev",
        targets = {":xxhash": ["libxxhash"]},
    )

def _zlib(name):
    system_library(
        name = name,
        header = "zlib.h",
        package = "zlib1g-dev",
        targets = {":zlib": ["zlib"]},
    )

# What Lenslet's own targets use.
LIBRARIES = {
    "com_google_absl": _absl,
    "com_google_benchmark": _benchmark,
    "com_google_googletest": _googletest,
    "com_google_protobuf": system_protobuf,
    "CLI11": _cli11,
    "XNNPACK": _xnnpack,
    "abseil_source": _abseil_source,
    "chart_js": chart_js,
    "fashion_mnist": fashion_mnist,
    "graphviz": _graphviz,
    "highway": _highway,
    "libjpeg": _libjpeg,
    "libtiff": _libtiff,
    "libtorch": _libtorch,
    "libwebp": _libwebp,
    "nlohmann_json": _nlohmann_json,
    "onednn": _onednn,
    "onnx": onnx,
    "only_static": _only_static,
    "protobuf_source": _protobuf_source,
    "stb": _stb,
    "xxhash": _xxhash,
    "zlib": _zlib,
}

# What Bazel 4 does not bring along and a module depends on by bazel_dep.
_RULES = {
    "remote_coverage_tools": remote_coverage_tools,
    "rules_cc": rules_cc,
    "rules_java": _rules_java,
    "rules_proto": _rules_proto,
}

def lenslet_deps():
    """Declares the external repositories that a workspace has not yet declared.

    A workspace that depends on Lenslet calls this from its WORKSPACE too. A
    module gets LIBRARIES by :libraries.bzl instead, and the rules as modules.
    """
    for declarations in [LIBRARIES, _RULES]:
        for name, declare in declarations.items():
            if not native.existing_rule(name):
                declare(name = name)
