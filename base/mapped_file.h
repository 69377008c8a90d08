// Files that are mapped into memory.

#ifndef LENSLET_BASE_MAPPED_FILE_H_
#define LENSLET_BASE_MAPPED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// The bytes of a file, read-only. They come from the disk when they are read.
// The file must not become smaller meanwhile: reading what was cut off ends the
// process. Thread-safe.
class MappedFile {
 public:
  // Errors, naming the path: NotFound and other system errors; InvalidArgument
  // for what is not a regular file.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Open(
      const std::string& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  absl::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(absl::string_view bytes) : bytes_(bytes) {}

  const absl::string_view bytes_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_MAPPED_FILE_H_
