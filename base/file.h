// Reads and writes whole files. Errors name the file, and a failed write leaves
// the old file intact.

#ifndef LENSLET_BASE_FILE_H_
#define LENSLET_BASE_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file_descriptor.h"
#include "lenslet/base/input_file.h"

namespace lenslet {

// Whether the path names a file or a folder.
bool FileExists(const std::string& path);

// Returns the path of `name` in the folder, which may end in a slash; an
// absolute path as it is.
std::string PathIn(const std::string& folder, absl::string_view name);

// Returns the file's bytes. For files that need not be in memory as a whole,
// see base/input_file.h. Errors, "PATH: reason": NotFound, PermissionDenied and
// other system errors; FailedPrecondition for anything but a regular file, such
// as a folder or a pipe; ResourceExhausted for more than `max_bytes` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes = kMaxFileBytes);

// A file that takes the place of the file at a path when all of it is written.
// Until then, its bytes are in a new file PATH.tmp.NUMBER. Movable. Not
// thread-safe.
class AtomicFile {
 public:
  // Errors: as ReadFile(); FailedPrecondition if there is something else than a
  // regular file.
  static absl::StatusOr<AtomicFile> Create(const std::string& path);
  // Removes the new file, unless Commit() has returned OK.
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;

  // Appends to the new file. Errors: system errors, naming the path.
  absl::Status Write(absl::string_view contents);

  // Syncs the new file, renames it to the path, and syncs the folder. The last
  // call. If it fails, the old file stays. Errors: as Write().
  absl::Status Commit();

 private:
  AtomicFile(const std::string& path, std::string target, std::string temporary,
             FileDescriptor file)
      : path_(path),
        target_(std::move(target)),
        temporary_(std::move(temporary)),
        file_(std::move(file)) {}

  std::string path_;
  std::string target_;     // What the path resolves to.
  std::string temporary_;  // Empty when there is none.
  FileDescriptor file_;
};

// Replaces the file at `path` with `contents`, or creates it. If `contents`
// cannot be written, the old file stays: writes an AtomicFile. If several
// writers write to one path, the last one wins. Errors: as ReadFile().
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents);

// Atomically gives the file `from` the second name `to`, replacing any file of
// that name, and syncs the folder. Makes a hard link, or a copy if the file
// system has no hard links. Both names must be in one folder. Errors: as
// WriteFileAtomically().
absl::Status LinkFileAtomically(const std::string& from, const std::string& to);

// Removes temporary files (NAME.tmp.NUMBER) that interrupted writers left in
// the folder. Nobody may write to the folder meanwhile. Errors: system errors,
// naming the file.
absl::Status RemoveTemporaries(const std::string& folder);

// Returns OK if WriteFileAtomically() can probably write to `path`. Checks that
// it can create a file in that folder, without writing to `path` itself. A long
// run calls this before it starts, so that it does not fail when it saves its
// result. Removes the temporary files that killed writers of `path` left; those
// of running writers stay. Errors: as WriteFileAtomically().
absl::Status CheckWritable(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_BASE_FILE_H_
