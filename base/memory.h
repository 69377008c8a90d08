// How much memory there is.

#ifndef LENSLET_BASE_MEMORY_H_
#define LENSLET_BASE_MEMORY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Returns OK if the machine has `bytes` of memory at all, free or not. Linux
// promises more and kills the process that uses it, so what asks for sizes that
// a file decides calls this first. Errors: ResourceExhausted, "not enough
// memory for WHAT".
absl::Status CheckMemory(int64_t bytes, absl::string_view what);

}  // namespace lenslet

#endif  // LENSLET_BASE_MEMORY_H_
