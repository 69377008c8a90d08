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

// Owns the open file; moves. For one thread at a time.
class AppendFile {
 public:
  // Opens the file, which must be there, at its end. Errors, "PATH: reason":
  // NotFound, PermissionDenied and what else the system says;
  // FailedPrecondition for what is not a regular file.
  static absl::StatusOr<AppendFile> Open(const std::string& path);

  // Makes the file. Errors: as Open(), and AlreadyExists.
  static absl::StatusOr<AppendFile> Create(const std::string& path);

  // Hands `contents` to the system, whole: it does not depend on this process
  // any more. Errors: what the system says; then none of `contents` stays in
  // the file, so far as it can be cut back.
  absl::Status Append(absl::string_view contents);

  // Returns when the file is on the disk. Errors: what the system says.
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
