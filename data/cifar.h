// CIFAR-10 and CIFAR-100: 60,000 small color photographs in 10 and 100 classes.
//
// A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
// In the binary version, each image of CIFAR-10 is a record of 3073 bytes: the
// label, then the red, green and blue planes of 32 x 32 pixels. Those of
// CIFAR-100 have two labels: the one of 20 superclasses, then the class.

#ifndef LENSLET_DATA_CIFAR_H_
#define LENSLET_DATA_CIFAR_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Reads data_batch_1.bin to data_batch_5.bin, in order, or test_batch.bin, from
// `directory`. Images have the shape [32, 32, 3]. Uses memory only for the data
// set and some 200 KiB.
//
// The class names are the ten lines of `directory`/batches.meta.txt; trailing
// empty lines are allowed. Without that file, they are the standard names,
// "airplane" to "truck".
//
// Errors: InputFile's (base/input_file.h); NotFound, with instructions to get
// the files; DataLoss for a file whose size is not a multiple of the record
// size, or that changes while it is read; InvalidArgument for a file without
// records, a label above 9, or a batches.meta.txt that does not have exactly
// ten names, or has a name that is empty or not UTF-8; ResourceExhausted if the
// images do not fit into memory.
absl::StatusOr<Dataset> LoadCifar10(const std::string& directory, Split split);

enum class Cifar100Labels { kFine, kCoarse };

// Reads train.bin or test.bin from `directory`. The class names are the 100
// lines of `directory`/fine_label_names.txt or the 20 of
// coarse_label_names.txt; without that file, they are numbers from "0". Errors:
// as LoadCifar10(). Only the labels that are asked for are checked.
absl::StatusOr<Dataset> LoadCifar100(
    const std::string& directory, Split split,
    Cifar100Labels labels = Cifar100Labels::kFine);

}  // namespace lenslet

#endif  // LENSLET_DATA_CIFAR_H_
