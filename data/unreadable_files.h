// Files that cannot be read, and how errors and warnings name them.

#ifndef LENSLET_DATA_UNREADABLE_FILES_H_
#define LENSLET_DATA_UNREADABLE_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

struct UnreadableFile {
  std::string path;
  absl::Status error;       // "PATH: reason".
  bool has_remedy = false;  // Whether the reason says what to do.
};

// At most ten of them, fewer if their paths are long, in NaturalLess() order
// (base/natural_less.h); those with the same reason together:
// "a/2.jpg, a/10.jpg: is empty; b/1.jpg: truncated; and 50 more".
std::string UnreadableText(absl::Span<const UnreadableFile> files);

// Whether UnreadableText() names them all.
bool AreAllNamed(absl::Span<const UnreadableFile> files);

// All of them in that order, each "PATH: reason".
std::vector<std::string> UnreadableList(absl::Span<const UnreadableFile> files);

// The error for `left_out` of `total` `things` ("images") whose `files`, at
// least one, cannot be read: the code of the first, the number, the remedy, and
// UnreadableText(). That of a single file is its error and the remedy.
absl::Status UnreadableError(absl::Span<const UnreadableFile> files,
                             int64_t left_out, int64_t total,
                             absl::string_view things);

// ", without 3 unreadable files", for the description of data; "" for none.
std::string WithoutUnreadable(int64_t files);

}  // namespace lenslet

#endif  // LENSLET_DATA_UNREADABLE_FILES_H_
