// MNIST and the data sets that took over its four files: Fashion-MNIST,
// KMNIST.

#ifndef LENSLET_DATA_MNIST_H_
#define LENSLET_DATA_MNIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Reads {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte from
// `directory`, or the same with ".gz" at the end where a plain file is missing.
//
// The names of the classes are the lines of `directory`/classes.txt; without
// that file they are "0" to "9".
//
// Errors: NotFound for a missing directory or file, with how to get it;
// ReadIdxImages()'s and ReadIdxLabels()'s; InvalidArgument if the numbers of
// images and labels differ, a label has no class, or classes.txt is empty, has
// an empty line, one that is not UTF-8, or more than 256.
absl::StatusOr<Dataset> LoadMnist(const std::string& directory, Split split);

}  // namespace lenslet

#endif  // LENSLET_DATA_MNIST_H_
