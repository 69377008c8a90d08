// Reads a file from start to end, piece by piece.

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

// The default maximum size of a file.
inline constexpr int64_t kMaxFileBytes = (int64_t{1} << 31) - 1;

// Owns the open file. Movable. Not thread-safe.
class InputFile {
 public:
  // Errors, "PATH: reason": NotFound, PermissionDenied and other system errors;
  // FailedPrecondition for anything but a regular file, such as a folder or a
  // pipe; ResourceExhausted for more than `max_bytes` bytes.
  static absl::StatusOr<InputFile> Open(const std::string& path,
                                        int64_t max_bytes = kMaxFileBytes);

  // Reads the next bytes into `out` and returns their number. The number is
  // less than out.size() only at the end of the file. Errors: system errors;
  // ResourceExhausted if the file turns out to have more than Open()'s
  // `max_bytes`.
  absl::StatusOr<int64_t> Read(absl::Span<char> out);

  const std::string& path() const { return path_; }

  // The file's size in bytes, as the system reported it at Open(). Some files
  // (in /proc and on some network file systems) report 0 but have contents.
  int64_t size() const { return size_; }

  // The number of bytes read so far.
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
