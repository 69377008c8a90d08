#include "lenslet/tensor/fatal.h"

#include <cstdio>
#include <cstdlib>

namespace lenslet {

void Fatal(absl::string_view message) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()),
               message.data());
  std::abort();
}

}  // namespace lenslet
