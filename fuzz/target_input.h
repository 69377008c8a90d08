// What fuzz targets make of their input, and ask of every error.

#ifndef LENSLET_FUZZ_TARGET_INPUT_H_
#define LENSLET_FUZZ_TARGET_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lenslet {

inline absl::string_view AsText(const uint8_t* data, size_t size) {
  return absl::string_view(reinterpret_cast<const char*>(data), size);
}

// A regular file that holds `bytes`, in memory and in no folder, until this is
// destroyed. Aborts if the system cannot make it.
class MemoryFile {
 public:
  explicit MemoryFile(absl::string_view bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

// An empty folder, in memory where the system has one there, which is removed
// with all that it holds when this is destroyed. Aborts if it cannot be made.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }

  // Makes a file there. Aborts if it cannot be written.
  void Write(const std::string& name, absl::string_view contents) const;

 private:
  std::string path_;
};

// Aborts if the status is OK, or its message is empty, longer than 10,000
// bytes, or has control characters.
void CheckError(const absl::Status& status);

}  // namespace lenslet

#endif  // LENSLET_FUZZ_TARGET_INPUT_H_
