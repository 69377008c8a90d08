#include "lenslet/base/system_file.h"

#include "lenslet/base/file.h"

namespace lenslet {

std::string ReadSystemFile(const std::string& path) {
  return ReadFile(path).value_or("");
}

}  // namespace lenslet
