#include "lenslet/base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {

absl::StatusOr<InputFile> InputFile::Open(const std::string& path,
                                          int64_t max_bytes) {
  // Opening a pipe would wait for somebody to write to it.
  FileDescriptor descriptor(path, O_RDONLY | O_NONBLOCK);
  if (!descriptor.ok()) return absl::ErrnoToStatus(errno, path);
  struct stat info;
  if (fstat(descriptor.get(), &info) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is not a regular file"));
  }
  InputFile file(path, max_bytes, std::move(descriptor));
  file.size_ = info.st_size;
  LENSLET_RETURN_IF_ERROR(file.CheckSize(file.size_));
  return file;
}

absl::StatusOr<int64_t> InputFile::Read(absl::Span<char> out) {
  int64_t size = 0;
  while (size < out.size()) {
    const ssize_t got = read(file_.get(), out.data() + size, out.size() - size);
    if (got < 0) {
      if (errno == EINTR) continue;
      return absl::ErrnoToStatus(errno, path_);
    }
    if (got == 0) break;
    size += got;
    position_ += got;
    LENSLET_RETURN_IF_ERROR(CheckSize(position_));
  }
  return size;
}

absl::Status InputFile::CheckSize(int64_t size) const {
  if (size <= max_bytes_) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      path_, ": has ", size, " bytes or more; expected at most ", max_bytes_));
}

}  // namespace lenslet
