// Reads files that the system generates on each read, such as those in /proc.

#ifndef LENSLET_BASE_SYSTEM_FILE_H_
#define LENSLET_BASE_SYSTEM_FILE_H_

#include <string>

namespace lenslet {

// Returns the file's contents, or "" if it cannot be read.
std::string ReadSystemFile(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_BASE_SYSTEM_FILE_H_
