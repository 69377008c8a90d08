// Where Fashion-MNIST is, for programs that Bazel built.

#ifndef LENSLET_DATA_FASHION_MNIST_H_
#define LENSLET_DATA_FASHION_MNIST_H_

#include <string>

#include "absl/status/statusor.h"

namespace lenslet {

// Returns the directory with Fashion-MNIST's four files, for LoadMnist(): the
// data dependency of this library if the program was started by Bazel or from
// where Bazel put it, and `installed`, where Debian's dataset-fashion-mnist
// puts it, otherwise; only the former has the classes' names too. `argv0` is
// the program's own name, as main() got it. Errors: NotFound, with how to get
// the data.
absl::StatusOr<std::string> FindFashionMnist(
    const std::string& argv0,
    const std::string& installed = "/usr/share/datasets/fashion-mnist");

}  // namespace lenslet

#endif  // LENSLET_DATA_FASHION_MNIST_H_
