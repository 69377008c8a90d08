#include "lenslet/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/file_descriptor.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

absl::Status ErrnoStatus(const std::string& path) {
  return absl::ErrnoToStatus(errno, path);
}

constexpr char kTemporaryMark[] = ".tmp.";

// A new file beside the one that it is to replace. Locked as long as this
// lives, so that RemoveAbandoned() knows that somebody still writes to it.
struct TemporaryFile {
  std::string name;  // The target's, and a number.
  FileDescriptor file;
};

// Errors name `path`, the file that the user asked for.
absl::StatusOr<TemporaryFile> CreateTemporary(const std::string& target,
                                              const std::string& path) {
  for (int64_t number = getpid();; ++number) {
    const std::string name = absl::StrCat(target, kTemporaryMark, number);
    FileDescriptor file(name, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.ok()) {
      if (errno != EEXIST) return ErrnoStatus(path);
      continue;
    }
    // Somebody who cleans up may have been between the two calls.
    struct stat info;
    if (flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      continue;
    }
    if (fstat(file.get(), &info) != 0 || info.st_nlink > 0) {
      return TemporaryFile{.name = name, .file = std::move(file)};
    }
  }
}

// Whether the file is one of CreateTemporary()'s. If `target` is not empty, one
// for that target.
bool IsTemporary(const std::string& name, const std::string& target) {
  const size_t mark = name.rfind(kTemporaryMark);
  return mark != std::string::npos &&
         name.find_first_not_of("0123456789", mark + sizeof(kTemporaryMark) -
                                                  1) == std::string::npos &&
         (target.empty() || name.substr(0, mark) == target);
}

// Whether there is no process of the number that a temporary file has. Of a
// writer in another container that says nothing; its lock does.
bool WriterHasEnded(const std::string& name) {
  pid_t process;
  const size_t number = name.rfind('.') + 1;
  return absl::SimpleAtoi(name.substr(number), &process) && process > 0 &&
         kill(process, 0) != 0 && errno == ESRCH;
}

// Removes the temporary files of `target` whose writers have ended.
absl::Status RemoveAbandoned(const std::filesystem::path& target) {
  const std::filesystem::path folder =
      target.has_parent_path() ? target.parent_path() : ".";
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (!IsTemporary(name, target.filename()) || !WriterHasEnded(name))
      continue;
    FileDescriptor file(entry->path(), O_RDONLY | O_NONBLOCK);
    // What is locked is still written to; what is gone was renamed.
    if (!file.ok() || flock(file.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (unlink(entry->path().c_str()) != 0 && errno != ENOENT) {
      return ErrnoStatus(entry->path());
    }
  }
  // A folder that cannot be listed can still be written to.
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
        absl::StrCat(path, ": already exists and is not a regular file"));
  }
  return target;
}

}  // namespace

bool FileExists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

std::string PathIn(const std::string& folder, absl::string_view name) {
  if (absl::StartsWith(name, "/")) return std::string(name);
  return absl::StrCat(folder, absl::EndsWith(folder, "/") ? "" : "/", name);
}

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

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(std::string target, ResolveTarget(path));
  LENSLET_ASSIGN_OR_RETURN(TemporaryFile temporary,
                           CreateTemporary(target, path));
  return AtomicFile(path, std::move(target), std::move(temporary.name),
                    std::move(temporary.file));
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, "")),
      file_(std::move(other.file_)) {}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::Status AtomicFile::Write(absl::string_view contents) {
  return file_.Write(contents) ? absl::OkStatus() : ErrnoStatus(path_);
}

absl::Status AtomicFile::Commit() {
  if (fsync(file_.get()) != 0 ||
      rename(temporary_.c_str(), target_.c_str()) != 0) {
    return ErrnoStatus(path_);
  }
  temporary_.clear();
  return SyncFolderOf(target_);
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents) {
  LENSLET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  LENSLET_RETURN_IF_ERROR(file.Write(contents));
  return file.Commit();
}

absl::Status LinkFileAtomically(const std::string& from,
                                const std::string& to) {
  std::string temporary;
  for (int64_t number = getpid();; ++number) {
    temporary = absl::StrCat(to, kTemporaryMark, number);
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
    if (!IsTemporary(entry->path().filename(), /*target=*/"")) continue;
    if (unlink(entry->path().c_str()) != 0) {
      return ErrnoStatus(entry->path());
    }
  }
  if (error) return absl::ErrnoToStatus(error.value(), folder);
  return absl::OkStatus();
}

absl::Status CheckWritable(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string target, ResolveTarget(path));
  LENSLET_RETURN_IF_ERROR(RemoveAbandoned(target));
  LENSLET_ASSIGN_OR_RETURN(const TemporaryFile temporary,
                           CreateTemporary(target, path));
  unlink(temporary.name.c_str());
  return absl::OkStatus();
}

}  // namespace lenslet
