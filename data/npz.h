// Arrays in NumPy's files: .npy, and .npz, which is a ZIP archive of .npy
// files.

#ifndef LENSLET_DATA_NPZ_H_
#define LENSLET_DATA_NPZ_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// The bytes of an .npy file.
struct NpyFile {
  std::string name;  // Of the file, and in an archive of the array; for errors.
  absl::string_view bytes;
  // What `bytes` are in: a mapped file, or memory.
  std::shared_ptr<const void> owner;
  int64_t memory = 0;  // Of an array that was compressed.
};

// Opens a .npy file; a .npz file of one array; or the array NAME of a .npz file
// whose path is PATH, for PATH/NAME, as in "mnist.npz/x_train".
//
// Maps the file into memory. An array that is compressed with deflate is
// inflated into memory; one that is stored is read to compare its checksum.
// Reads ZIP64.
//
// Errors, naming the file and the array: system errors, such as NotFound;
// NotFound for an array that the archive lacks, and InvalidArgument if it has
// several and none is named, with their names; DataLoss for an archive that is
// damaged, sizes that cannot be true, or a checksum that differs;
// InvalidArgument for an encrypted array or another compression;
// ResourceExhausted.
absl::StatusOr<NpyFile> OpenNpy(const std::string& path);

// Returns the names of the arrays in a .npz file. Errors: as OpenNpy().
absl::StatusOr<std::vector<std::string>> NpzArrays(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_DATA_NPZ_H_
