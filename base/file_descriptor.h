// An open file descriptor, for the other files of this folder.

#ifndef LENSLET_BASE_FILE_DESCRIPTOR_H_
#define LENSLET_BASE_FILE_DESCRIPTOR_H_

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace lenslet {

// Owns the descriptor and closes it on destruction. Movable; after a move, the
// source is not ok().
class FileDescriptor {
 public:
  // Opens `path` with the flags of open(2). On failure, ok() is false and errno
  // is set.
  FileDescriptor(const std::string& path, int flags)
      : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  bool ok() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

  // Writes all of `contents`. Returns false, with errno set, if the system
  // wrote less.
  bool Write(absl::string_view contents) {
    while (!contents.empty()) {
      const ssize_t written =
          write(descriptor_, contents.data(), contents.size());
      if (written < 0 && errno != EINTR) return false;
      if (written > 0) contents.remove_prefix(written);
    }
    return true;
  }

  // Closes the file. Returns false, with errno set, if the system could not
  // store the data written.
  bool Close() {
    const int descriptor = std::exchange(descriptor_, -1);
    return descriptor < 0 || close(descriptor) == 0;
  }

 private:
  int descriptor_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_FILE_DESCRIPTOR_H_
