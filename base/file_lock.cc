#include "lenslet/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace lenslet {

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  FileDescriptor file(path, O_RDWR | O_CREAT);
  if (!file.ok()) return absl::ErrnoToStatus(errno, path);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, path);
    char holder[32];
    const ssize_t size = read(file.get(), holder, sizeof(holder));
    const absl::string_view process = absl::StripAsciiWhitespace(
        absl::string_view(holder, size < 0 ? 0 : size));
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is held by another process",
                     process.empty() ? "" : absl::StrCat(", ", process)));
  }
  // Only for messages: a full disk does not keep the lock from holding.
  if (ftruncate(file.get(), 0) == 0) {
    file.Write(absl::StrCat(getpid(), "\n"));
  }
  return FileLock(std::move(file));
}

}  // namespace lenslet
