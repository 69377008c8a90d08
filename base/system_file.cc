#include "lenslet/base/system_file.h"

#include <fstream>
#include <sstream>

namespace lenslet {

std::string ReadSystemFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream contents;
  // Iterators would throw what this catches, such as that it is a folder.
  return contents << file.rdbuf() ? contents.str() : "";
}

}  // namespace lenslet
