// Reads the names of classes from a text file.

#ifndef LENSLET_DATA_CLASS_NAMES_H_
#define LENSLET_DATA_CLASS_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace lenslet {

// Returns the lines of a file, each the name of a class, at most kMaxClasses
// (data/dataset.h). Lines may end in "\r\n"; white space after the last one
// does not count. Errors: as ReadFile(); InvalidArgument, naming the file and
// the line, for an empty line, one that is not UTF-8, and too many.
absl::StatusOr<std::vector<std::string>> ReadClassNames(
    const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_DATA_CLASS_NAMES_H_
