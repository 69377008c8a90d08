// A file that only grows, such as a log.

#ifndef LENSLET_BASE_APPEND_FILE_H_
#define LENSLET_BASE_APPEND_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file_descriptor.h"

namespace lenslet {

// Owns the open file. Movable. Not thread-safe.
class AppendFile {
 public:
  // Opens an existing file for appending. Errors, "PATH: reason": NotFound,
  // PermissionDenied and other system errors; FailedPrecondition for anything
  // but a regular file.
  static absl::StatusOr<AppendFile> Open(const std::string& path);

  // Creates the file. Errors: as Open(), and AlreadyExists.
  static absl::StatusOr<AppendFile> Create(const std::string& path);

  // Writes all of `contents` to the system, so that they survive the end of
  // this process. Errors: system errors. On error, the file is truncated to its
  // previous size, if possible.
  absl::Status Append(absl::string_view contents);

  // Returns once the file is on the disk. Errors: system errors.
  absl::Status Sync();

  const std::string& path() const { return path_; }

 private:
  AppendFile(const std::string& path, FileDescriptor file, int64_t size)
      : path_(path), file_(std::move(file)), size_(size) {}

  static absl::StatusOr<AppendFile> OpenWith(const std::string& path,
                                             int flags);

  std::string path_;
  FileDescriptor file_;
  int64_t size_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_APPEND_FILE_H_
