// Reads the names of classes from a text file.

#ifndef LENSLET_DATA_CLASS_NAMES_H_
#define LENSLET_DATA_CLASS_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace lenslet {

// Returns the lines of a file, each the name of a class, at most kMaxClasses
// (data/dataset.h). Lines may end in "\r\n"; white space after the last one
// does not count. Errors: as ReadFile(); InvalidArgument, naming the file and
// the line, for an empty line, one that is not UTF-8, and too many.
absl::StatusOr<std::vector<std::string>> ReadClassNames(
    const std::string& path);

// Errors: InvalidArgument, "SOURCE: classes 2 and 5, from 1, are both ...", if
// two of the names are the same.
absl::Status CheckClassNames(const std::string& source,
                             absl::Span<const std::string> names);

// Returns pairs of names that differ only in case or in blanks around them, at
// most 5: "\"Cat\" and \"cat\"". kAreTwoClasses continues a warning of them.
std::vector<std::string> SimilarClassNames(absl::Span<const std::string> names);
inline constexpr char kAreTwoClasses[] =
    " are two classes, whose names differ only in case or blanks";

}  // namespace lenslet

#endif  // LENSLET_DATA_CLASS_NAMES_H_
