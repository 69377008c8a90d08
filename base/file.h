// Whole files, read and written so that a failure names the file and loses
// nothing.

#ifndef LENSLET_BASE_FILE_H_
#define LENSLET_BASE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/input_file.h"

namespace lenslet {

// Returns the file's bytes. Errors, "PATH: reason": NotFound, PermissionDenied
// and what else the system says; FailedPrecondition for what is not a regular
// file, such as a folder or a pipe; ResourceExhausted for more than `max_bytes`
// bytes. For what need not be in memory as a whole, see base/input_file.h.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes = kMaxFileBytes);

// Puts `contents` at `path`, all of it or nothing: whatever was there before
// stays until the new bytes are on the disk, and stays if they cannot be
// written. Writes a new file PATH.tmp.NUMBER, syncs it, renames it, and syncs
// the folder. Of several writers of one path, the last one wins. Errors: as
// ReadFile().
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents);

// Gives the file `from` the name `to` as well, in place of what had it, at once
// or not at all, and syncs the folder: a second name of the same file where the
// file system has that, otherwise a copy. Both are in one folder. Errors: as
// WriteFileAtomically().
absl::Status LinkFileAtomically(const std::string& from, const std::string& to);

// Removes from the folder what writers above have left there half-done because
// their process ended: files called NAME.tmp.NUMBER. Nobody may write there
// meanwhile. Errors: what the system says, naming the file.
absl::Status RemoveTemporaries(const std::string& folder);

// Returns OK if WriteFileAtomically() of that path would find a folder that it
// may write to, as far as that can be told without writing the file: for long
// runs that will want to save their result. Removes what earlier writers of
// that path left there half-done because their process was killed; those that
// still write keep their files. Errors: as there.
absl::Status CheckWritable(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_BASE_FILE_H_
