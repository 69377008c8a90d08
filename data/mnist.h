// Loads MNIST and data sets in the same four files: Fashion-MNIST, KMNIST.

#ifndef LENSLET_DATA_MNIST_H_
#define LENSLET_DATA_MNIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Reads {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte from
// `directory`. If a file is missing, reads the same name with ".gz" appended.
//
// The class names are the lines of `directory`/classes.txt, or "0" to "9" if
// that file is missing.
//
// Errors: NotFound for a missing folder or file, with instructions to get
// it; errors of ReadIdxImages() and ReadIdxLabels(); InvalidArgument if the
// numbers of images and labels differ, a label has no class, or classes.txt is
// empty, has more than 256 lines, an empty line or a line that is not UTF-8.
absl::StatusOr<Dataset> LoadMnist(const std::string& directory, Split split);

}  // namespace lenslet

#endif  // LENSLET_DATA_MNIST_H_
