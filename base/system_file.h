// Files that the system makes up when they are read, such as those in /proc:
// they have no size until then, so ReadFile() does not take them.

#ifndef LENSLET_BASE_SYSTEM_FILE_H_
#define LENSLET_BASE_SYSTEM_FILE_H_

#include <string>

namespace lenslet {

// Returns the file's contents, or "" if it cannot be read.
std::string ReadSystemFile(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_BASE_SYSTEM_FILE_H_
