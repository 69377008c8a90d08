// Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 gray pixels,
// each of one of ten kinds of clothing.

#ifndef LENSLET_FASHION_MNIST_H_
#define LENSLET_FASHION_MNIST_H_

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Loads it from the runfiles of the program or, for a program that Bazel did
// not build, from where Debian's dataset-fashion-mnist installs it. Errors: as
// LoadFashionMnist() (data/).
absl::StatusOr<TrainAndTest> FashionMnist();

}  // namespace lenslet

#endif  // LENSLET_FASHION_MNIST_H_
