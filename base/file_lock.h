// A file that at most one process holds at a time.

#ifndef LENSLET_BASE_FILE_LOCK_H_
#define LENSLET_BASE_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "lenslet/base/file_descriptor.h"

namespace lenslet {

// Holds the lock until it is destroyed. The system releases the lock when the
// process ends, even by a crash. Movable.
class FileLock {
 public:
  // Locks the file without waiting. Creates it if needed; it is never removed.
  // The file's text names the process that holds the lock. Errors, naming the
  // path: FailedPrecondition, naming the process, if another FileLock holds it;
  // system errors.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

 private:
  explicit FileLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_FILE_LOCK_H_
