// A file that at most one process holds at a time.

#ifndef LENSLET_BASE_FILE_LOCK_H_
#define LENSLET_BASE_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "lenslet/base/file_descriptor.h"

namespace lenslet {

// Held as long as it lives, and given back by the system when the process ends,
// however it does. Moves.
class FileLock {
 public:
  // Makes the file if it is not there; it stays. It says which process holds
  // it, for people. Does not wait. Errors, naming the path: FailedPrecondition,
  // with the process, if another FileLock has it; what the system says.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

 private:
  explicit FileLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_FILE_LOCK_H_
