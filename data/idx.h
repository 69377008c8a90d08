// Reads the IDX format of the MNIST data sets. A big-endian header has a magic
// number, which gives the element type and the number of dimensions, and then
// the dimensions. The elements follow.

#ifndef LENSLET_DATA_IDX_H_
#define LENSLET_DATA_IDX_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Both functions read a plain or gzip file directly into the tensor. They use
// some 200 KiB of additional memory. Errors: GzipFile's (data/gzip_file.h);
// InvalidArgument for a file of another kind, or for sizes that are zero or
// whose product is too large; DataLoss if the file is shorter or longer than
// its header says; ResourceExhausted if the tensor does not fit into memory.

// Returns the images, uint8 of shape [count, height, width, 1].
absl::StatusOr<Tensor> ReadIdxImages(const std::string& path);

// Returns the labels, uint8 of shape [count].
absl::StatusOr<Tensor> ReadIdxLabels(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_DATA_IDX_H_
