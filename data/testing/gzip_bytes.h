// Gzip files, for tests.

#ifndef LENSLET_DATA_TESTING_GZIP_BYTES_H_
#define LENSLET_DATA_TESTING_GZIP_BYTES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// The bytes of a gzip file with one member, which inflates to `contents`.
std::string GzipBytes(absl::string_view contents);

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_GZIP_BYTES_H_
