// An array in NumPy's .npy file.

#ifndef LENSLET_DATA_NPY_ARRAY_H_
#define LENSLET_DATA_NPY_ARRAY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

enum class NpyType : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat32,
  kFloat64
};

// "float32", as NumPy names it.
absl::string_view Name(NpyType type);
// Bytes per number.
int64_t SizeOf(NpyType type);

struct NpyArray {
  NpyType type = NpyType::kUint8;
  Shape shape;
  // Little-endian, in row-major order, and not aligned: points into the file.
  absl::string_view bytes;
};

// Finds the array in the bytes of the file at `path`. Errors: InvalidArgument,
// naming the path, as LoadNpy() (data/npy.h) says.
absl::StatusOr<NpyArray> ParseNpy(const std::string& path,
                                  absl::string_view file);

}  // namespace lenslet

#endif  // LENSLET_DATA_NPY_ARRAY_H_
