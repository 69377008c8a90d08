// NumPy's .npy files for tests.

#ifndef LENSLET_DATA_TESTING_NPY_BYTES_H_
#define LENSLET_DATA_TESTING_NPY_BYTES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace lenslet {

// A file of version 1: `type` is that of the numbers, such as "<f4".
template <typename T>
std::string NpyBytes(const std::string& type, const std::vector<int64_t>& shape,
                     const std::vector<T>& numbers) {
  std::string header = absl::StrCat(
      "{'descr': '", type, "', 'fortran_order': False, 'shape': (",
      absl::StrJoin(shape, ", "), shape.size() == 1 ? ",), }" : "), }");
  header.resize(117, ' ');
  header += "\n";
  std::string bytes("\x93NUMPY\x01\x00\x76\x00", 10);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(numbers.data()),
               numbers.size() * sizeof(T));
  return bytes;
}

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_NPY_BYTES_H_
