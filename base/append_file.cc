#include "lenslet/base/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace lenslet {

absl::StatusOr<AppendFile> AppendFile::Open(const std::string& path) {
  return OpenWith(path, 0);
}

absl::StatusOr<AppendFile> AppendFile::Create(const std::string& path) {
  return OpenWith(path, O_CREAT | O_EXCL);
}

absl::Status AppendFile::Append(absl::string_view contents) {
  if (!file_.Write(contents)) {
    const absl::Status status = absl::ErrnoToStatus(errno, path_);
    if (ftruncate(file_.get(), size_) != 0) {
      return absl::Status(
          status.code(),
          absl::StrCat(status.message(),
                       "; part of the data was written and could not be "
                       "removed"));
    }
    return status;
  }
  size_ += contents.size();
  return absl::OkStatus();
}

absl::Status AppendFile::Sync() {
  if (fsync(file_.get()) != 0) return absl::ErrnoToStatus(errno, path_);
  return absl::OkStatus();
}

absl::StatusOr<AppendFile> AppendFile::OpenWith(const std::string& path,
                                                int flags) {
  // Opening a pipe would wait for somebody to read from it.
  FileDescriptor file(path, O_WRONLY | O_APPEND | O_NONBLOCK | flags);
  struct stat info;
  if (!file.ok() || fstat(file.get(), &info) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is not a regular file"));
  }
  return AppendFile(path, std::move(file), info.st_size);
}

}  // namespace lenslet
