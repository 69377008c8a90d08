// A file that is read from its start to its end, piece by piece.

#ifndef LENSLET_BASE_INPUT_FILE_H_
#define LENSLET_BASE_INPUT_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/file_descriptor.h"

namespace lenslet {

// Longer files are not read unless a caller asks for it.
inline constexpr int64_t kMaxFileBytes = (int64_t{1} << 31) - 1;

// Owns the open file; moves. For one thread at a time.
class InputFile {
 public:
  // Errors, "PATH: reason": NotFound, PermissionDenied and what else the system
  // says; FailedPrecondition for what is not a regular file, such as a folder
  // or a pipe; ResourceExhausted for more than `max_bytes` bytes.
  static absl::StatusOr<InputFile> Open(const std::string& path,
                                        int64_t max_bytes = kMaxFileBytes);

  // Fills `out` with the bytes that follow those read so far, and returns how
  // many there were: fewer than `out` has only at the end of the file. Errors:
  // what the system says, and ResourceExhausted for a file that turns out to
  // have more than Open()'s `max_bytes`.
  absl::StatusOr<int64_t> Read(absl::Span<char> out);

  const std::string& path() const { return path_; }

  // The file's bytes, as the system counted them at Open(). Some files (in
  // /proc, and of some network file systems) say 0 and have more.
  int64_t size() const { return size_; }

  // The bytes read so far.
  int64_t position() const { return position_; }

 private:
  InputFile(const std::string& path, int64_t max_bytes, FileDescriptor file)
      : path_(path), max_bytes_(max_bytes), file_(std::move(file)) {}

  absl::Status CheckSize(int64_t size) const;

  std::string path_;
  int64_t max_bytes_;
  FileDescriptor file_;
  int64_t size_ = 0;
  int64_t position_ = 0;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_INPUT_FILE_H_
