#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/file_descriptor.h"
#include "base/status_macros.h"

namespace lenslet {
namespace {

absl::Status ErrnoStatus(const std::string& path) {
  return absl::ErrnoToStatus(errno, path);
}

// Writes a file that was not there before, and puts its name, `target` and a
// number, into `temporary`, which stays empty if there is no file. Errors name
// `path`, the file that the user asked for.
absl::Status WriteTemporary(const std::string& target, const std::string& path,
                            absl::string_view contents,
                            std::string& temporary) {
  std::string name;
  std::unique_ptr<FileDescriptor> file;
  for (int64_t number = getpid();; ++number) {
    name = absl::StrCat(target, ".tmp.", number);
    file = std::make_unique<FileDescriptor>(name, O_WRONLY | O_CREAT | O_EXCL);
    if (file->ok()) break;
    if (errno != EEXIST) return ErrnoStatus(path);
  }
  temporary = name;
  if (!file->Write(contents)) return ErrnoStatus(path);
  if (fsync(file->get()) != 0 || !file->Close()) return ErrnoStatus(path);
  return absl::OkStatus();
}

// Makes a rename in the folder of `path` outlive a power cut.
absl::Status SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  FileDescriptor file(folder, O_RDONLY | O_DIRECTORY);
  if (!file.ok() || fsync(file.get()) != 0) return ErrnoStatus(folder);
  return absl::OkStatus();
}

// The file that a write to `path` replaces: writing through a link keeps the
// link, as writing in place would. (A link to nothing is replaced.)
absl::StatusOr<std::string> ResolveTarget(const std::string& path) {
  std::string target = path;
  if (char* resolved = realpath(path.c_str(), nullptr); resolved != nullptr) {
    target = resolved;
    std::free(resolved);
  }
  struct stat info;
  if (stat(target.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is there already and is not a regular file"));
  }
  return target;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes) {
  LENSLET_ASSIGN_OR_RETURN(InputFile file, InputFile::Open(path, max_bytes));
  std::string contents;
  int64_t size = 0;
  do {
    // One byte more than is expected, to meet the end in the same round.
    contents.resize(size + (file.size() > size ? file.size() - size : 65536) +
                    1);
    LENSLET_ASSIGN_OR_RETURN(const int64_t got,
                             file.Read(absl::MakeSpan(contents).subspan(size)));
    size += got;
  } while (size == contents.size());
  contents.resize(size);
  return contents;
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents) {
  LENSLET_ASSIGN_OR_RETURN(const std::string target, ResolveTarget(path));
  std::string temporary;
  absl::Status status = WriteTemporary(target, path, contents, temporary);
  if (status.ok() && rename(temporary.c_str(), target.c_str()) != 0) {
    status = ErrnoStatus(path);
  }
  if (!status.ok()) {
    if (!temporary.empty()) unlink(temporary.c_str());
    return status;
  }
  return SyncFolderOf(target);
}

absl::Status LinkFileAtomically(const std::string& from,
                                const std::string& to) {
  std::string temporary;
  for (int64_t number = getpid();; ++number) {
    temporary = absl::StrCat(to, ".tmp.", number);
    if (link(from.c_str(), temporary.c_str()) == 0) break;
    if (errno == EEXIST) continue;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS &&
        errno != EMLINK) {
      return ErrnoStatus(to);
    }
    LENSLET_ASSIGN_OR_RETURN(const std::string contents, ReadFile(from));
    return WriteFileAtomically(to, contents);
  }
  absl::Status status;
  if (rename(temporary.c_str(), to.c_str()) != 0) status = ErrnoStatus(to);
  // Renaming one name of a file to another of its names does nothing.
  unlink(temporary.c_str());
  return status.ok() ? SyncFolderOf(to) : status;
}

absl::Status RemoveTemporaries(const std::string& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    const size_t mark = name.rfind(".tmp.");
    if (mark == std::string::npos ||
        name.find_first_not_of("0123456789", mark + 5) != std::string::npos) {
      continue;
    }
    if (unlink(entry->path().c_str()) != 0) {
      return ErrnoStatus(entry->path());
    }
  }
  if (error) return absl::ErrnoToStatus(error.value(), folder);
  return absl::OkStatus();
}

absl::Status CheckWritable(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string target, ResolveTarget(path));
  std::string temporary;
  const absl::Status status = WriteTemporary(target, path, "", temporary);
  if (!temporary.empty()) unlink(temporary.c_str());
  return status;
}

}  // namespace lenslet
