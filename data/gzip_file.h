// Files that may be compressed with gzip.

#ifndef LENSLET_DATA_GZIP_FILE_H_
#define LENSLET_DATA_GZIP_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace lenslet {

// Returns the file's bytes, inflated if they start as a gzip file does; what
// the file is called does not matter. Errors: ReadFile()'s, and for gzip files
// DataLoss (truncated, corrupt, or followed by bytes that are not gzip's) and
// ResourceExhausted (more than `max_bytes` inflated bytes).
absl::StatusOr<std::string> ReadMaybeGzipped(const std::string& path,
                                             int64_t max_bytes = int64_t{1}
                                                                 << 30);

}  // namespace lenslet

#endif  // LENSLET_DATA_GZIP_FILE_H_
