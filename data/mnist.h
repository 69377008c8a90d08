// Loads MNIST and data sets in files of the same form (data/idx.h):
// Fashion-MNIST, KMNIST, EMNIST, QMNIST.

#ifndef LENSLET_DATA_MNIST_H_
#define LENSLET_DATA_MNIST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

struct MnistOptions {
  // What the names of the files start with, such as "emnist-letters-". By
  // default, that of the folder's only files, or "".
  std::string prefix = {};
  // The names of the classes, in the order of their labels. By default, those
  // of the file `class_names_file`, or else as LoadMnist() says.
  std::vector<std::string> class_names = {};
  std::string class_names_file = {};
  // The label of the first class. EMNIST's letters count from 1. A mapping file
  // says it, too.
  int first_label = 0;
  // Whether the file has each image column by column, as EMNIST has.
  bool transposed = false;
};

// Reads the images and the labels of a split from `directory`:
// {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte. The names
// may start with a prefix, have "test" for "t10k", dots or underscores for "-",
// another end after "-images" and "-labels" such as "-idx2-int", and ".gz"
// after all; plain files come before these.
//
// Images are uint8 [height, width, 1]; or of the type and shape that
// ReadIdxImages() (data/idx.h) gives them.
//
// The class names are the lines of `directory`/classes.txt; or those of the
// mapping file PREFIXmapping.txt that EMNIST has: in each line, a label and the
// code of its character. Without both, they are numbers from the first label
// on: "0" to "9", or to the largest label of the split.
//
// Errors: NotFound for a missing folder or file, with what the folder has and
// instructions to get it; InvalidArgument if there are files with several
// prefixes, none of them "" and none asked for; errors of ReadIdxImages() and
// ReadIdxLabels(); InvalidArgument if the numbers of images and labels differ,
// a label has no class, or the file of names is empty, has more than
// kMaxClasses lines, an empty line or a line that is not UTF-8, or is no
// mapping.
absl::StatusOr<Dataset> LoadMnist(const std::string& directory, Split split,
                                  const MnistOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_MNIST_H_
