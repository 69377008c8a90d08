// CIFAR-10: 60,000 small colour photographs of ten kinds of things.
//
// A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
// The binary version's files have a record of 3073 bytes for each image: the
// label, then the red, the green and the blue plane of 32 x 32 pixels.

#ifndef LENSLET_DATA_CIFAR10_H_
#define LENSLET_DATA_CIFAR10_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Reads data_batch_1.bin to data_batch_5.bin, one after the other, or
// test_batch.bin from `directory`. Images have the shape [32, 32, 3]. Takes no
// more memory than the data set and some 200 KiB.
//
// The names of the classes are the ten lines of `directory`/batches.meta.txt,
// which may be followed by empty ones; without that file they are the data
// set's own, "airplane" to "truck".
//
// Errors: InputFile's (base/input_file.h), NotFound with how to get the files;
// DataLoss for a file whose size is not a multiple of a record's or changes
// while it is read; InvalidArgument for a file without records, a label above
// 9, and a batches.meta.txt that has not ten names, an empty one or one that is
// not UTF-8; ResourceExhausted if the images do not fit into memory.
absl::StatusOr<Dataset> LoadCifar10(const std::string& directory, Split split);

}  // namespace lenslet

#endif  // LENSLET_DATA_CIFAR10_H_
