// Reads the IDX format of the MNIST data sets. A big-endian header has a magic
// number, which gives the element type and the number of dimensions, and then
// the dimensions. The elements follow, also big-endian.

#ifndef LENSLET_DATA_IDX_H_
#define LENSLET_DATA_IDX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Both functions read a plain or gzip file of any of the format's types: uint8,
// int8, int16, int32, float32 and float64. Bytes are read directly into the
// tensor. They use some 400 KiB of additional memory. Errors: GzipFile's
// (data/gzip_file.h); InvalidArgument for a file of another kind, or for sizes
// that are zero or whose product is too large; DataLoss if the file is shorter
// or longer than its header says; ResourceExhausted if the tensor does not fit
// into memory.

// Returns the images or other inputs: uint8, and all other types as float32.
// Of shape [count, height, width, 1] for a file of three dimensions; files of
// two, four or five dimensions have the shape of their header, such as [count,
// height, width, channels].
absl::StatusOr<Tensor> ReadIdxImages(const std::string& path);

// Returns the labels, of a file of whole numbers with one dimension.
absl::StatusOr<std::vector<int32_t>> ReadIdxLabels(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_DATA_IDX_H_
