// Whole files, read and written so that a failure names the file and loses
// nothing.

#ifndef LENSLET_BASE_FILE_H_
#define LENSLET_BASE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Returns the file's bytes. Errors: NotFound, PermissionDenied,
// FailedPrecondition (a directory) and others, "PATH: reason".
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Puts `contents` at `path`, all of it or nothing: whatever was there before
// stays until the new bytes are on the disk, and stays if they cannot be
// written. Writes PATH.tmp in the same folder, syncs it, renames it, and syncs
// the folder. Two writers of one path at the same time disturb each other.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents);

// Returns OK if WriteFileAtomically() of that path would find a folder that it
// may write to, as far as that can be told without writing the file: for long
// runs that will want to save their result. Errors: as there.
absl::Status CheckWritable(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_BASE_FILE_H_
