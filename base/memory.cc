#include "base/memory.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace lenslet {

absl::Status CheckMemory(int64_t bytes, absl::string_view what) {
  const int64_t limit =
      static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  if (bytes <= limit) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("not enough memory for ", what, ": ", bytes >> 20,
                   " MiB, the machine has ", limit >> 20));
}

}  // namespace lenslet
