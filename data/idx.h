// The IDX format of the MNIST data sets: a big-endian header (a magic number
// that tells the elements' type and the number of dimensions, then the
// dimensions), followed by the elements.

#ifndef LENSLET_DATA_IDX_H_
#define LENSLET_DATA_IDX_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Both read a plain or a gzip file, straight into the tensor: they take no more
// memory than that and some 200 KiB. Errors: GzipFile's (data/gzip_file.h);
// InvalidArgument for a file of another kind, for sizes of zero or too large to
// multiply; DataLoss if the file is shorter or longer than its header says;
// ResourceExhausted if the tensor does not fit into memory.

// Returns the images, uint8 of shape [count, height, width, 1].
absl::StatusOr<Tensor> ReadIdxImages(const std::string& path);

// Returns the labels, uint8 of shape [count].
absl::StatusOr<Tensor> ReadIdxLabels(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_DATA_IDX_H_
