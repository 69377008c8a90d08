#include "lenslet/fuzz/target_input.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"

namespace lenslet {

MemoryFile::MemoryFile(absl::string_view bytes)
    : descriptor_(memfd_create("input", MFD_CLOEXEC)),
      path_(absl::StrCat("/proc/self/fd/", descriptor_)) {
  LENSLET_CHECK(descriptor_ >= 0);
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    LENSLET_CHECK(written > 0);
    bytes.remove_prefix(written);
  }
}

MemoryFile::~MemoryFile() { close(descriptor_); }

ScratchFolder::ScratchFolder() {
  std::error_code error;
  path_ = absl::StrCat(
      std::filesystem::is_directory("/dev/shm", error) ? "/dev/shm" : "/tmp",
      "/lenslet_fuzz.XXXXXX");
  LENSLET_CHECK(mkdtemp(path_.data()) != nullptr);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void ScratchFolder::Write(const std::string& name,
                          absl::string_view contents) const {
  std::ofstream file(absl::StrCat(path_, "/", name), std::ios::binary);
  file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  file.close();
  LENSLET_CHECK(file.good());
}

void CheckError(const absl::Status& status) {
  constexpr size_t kLongest = 10'000;
  const absl::string_view message = status.message();
  LENSLET_CHECK(!status.ok());
  LENSLET_CHECK(!message.empty() && message.size() <= kLongest);
  LENSLET_CHECK(std::none_of(message.begin(), message.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  }));
}

}  // namespace lenslet
