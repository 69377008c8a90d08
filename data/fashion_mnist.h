// Finds Fashion-MNIST, for programs built by Bazel.

#ifndef LENSLET_DATA_FASHION_MNIST_H_
#define LENSLET_DATA_FASHION_MNIST_H_

#include <string>

#include "absl/status/statusor.h"

namespace lenslet {

// Returns a folder with Fashion-MNIST's four files, for LoadMnist(). If the
// program runs under Bazel, or from Bazel's output folder, that is this
// library's data dependency. Otherwise it is `installed`, where Debian's
// dataset-fashion-mnist installs the files. Only the data dependency includes
// the class names. `argv0` is the program name that main() received. Errors:
// NotFound, with instructions to get the data.
absl::StatusOr<std::string> FindFashionMnist(
    const std::string& argv0,
    const std::string& installed = "/usr/share/datasets/fashion-mnist");

}  // namespace lenslet

#endif  // LENSLET_DATA_FASHION_MNIST_H_
