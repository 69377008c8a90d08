#include "lenslet/base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Open(
    const std::string& path) {
  // Does not wait for the writer of a pipe.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return absl::ErrnoToStatus(errno, path);
  struct stat info;
  const bool has_info = fstat(file, &info) == 0;
  const int info_error = errno;
  const size_t size =
      has_info && S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0;
  // Nothing can be mapped of an empty file.
  void* const bytes =
      size == 0 ? nullptr
                : mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  const int map_error = errno;
  close(file);
  if (!has_info) return absl::ErrnoToStatus(info_error, path);
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a regular file"));
  }
  if (bytes == MAP_FAILED) return absl::ErrnoToStatus(map_error, path);
  return std::unique_ptr<MappedFile>(
      new MappedFile(absl::string_view(static_cast<const char*>(bytes), size)));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace lenslet
