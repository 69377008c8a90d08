#include "lenslet/base/system_file.h"

#include <fstream>
#include <iterator>

namespace lenslet {

std::string ReadSystemFile(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace lenslet
