// Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 gray pixels,
// each of one of ten kinds of clothing.

#ifndef LENSLET_DATA_FASHION_MNIST_H_
#define LENSLET_DATA_FASHION_MNIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/split.h"

namespace lenslet {

// Returns a folder with Fashion-MNIST's four files, for LoadMnist(). If the
// program runs under Bazel, or from Bazel's output folder, that is this
// library's data dependency. Otherwise it is `installed`, where Debian's
// dataset-fashion-mnist installs the files. `argv0` is the program name that
// main() received. Errors: NotFound, with instructions to get the data.
absl::StatusOr<std::string> FindFashionMnist(
    const std::string& argv0,
    const std::string& installed = "/usr/share/datasets/fashion-mnist");

// Loads a split, with the names of the classes. Errors: as FindFashionMnist()
// and LoadMnist() (mnist.h).
absl::StatusOr<Dataset> LoadFashionMnist(const std::string& argv0, Split split);

}  // namespace lenslet

#endif  // LENSLET_DATA_FASHION_MNIST_H_
