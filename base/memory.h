// How much memory this process may use.

#ifndef LENSLET_BASE_MEMORY_H_
#define LENSLET_BASE_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

// The limit is the smallest of: the machine's memory, free or not; the limits
// of the process's control group and its ancestors (cgroups v1 and v2, as used
// by containers); and RLIMIT_AS (`ulimit -v`). Linux promises more memory than
// it has, and kills a process that uses it. Code that allocates sizes given by
// a file or a flag therefore calls CheckMemory() first.

// Returns OK if `bytes`, plus the memory that the process already uses, stay
// within the limit. Amounts below 1 MiB always pass. Errors: ResourceExhausted,
// "not enough memory for WHAT".
absl::Status CheckMemory(int64_t bytes, absl::string_view what);

// Part of the memory that a long run will need. `bytes` is at least 0.
struct MemoryPart {
  std::string what;
  int64_t bytes = 0;
};

// Returns OK if all parts together stay within the limit. Does not add the
// memory that the process already uses, since the parts may include it. Errors:
// ResourceExhausted, with `what`, the sum and the largest parts.
absl::Status CheckMemory(absl::Span<const MemoryPart> parts,
                         absl::string_view what);

// For errors: "the largest parts: activations 2000 MiB, training examples 44
// MiB". Names at most three.
std::string LargestParts(absl::Span<const MemoryPart> parts);

// Return a * b and a + b, or the largest int64_t on overflow. Both arguments
// are at least 0.
int64_t MultiplySizes(int64_t a, int64_t b);
int64_t AddSizes(int64_t a, int64_t b);

// Returns the smallest limit, in bytes, of a process's control groups and their
// ancestors; the largest int64_t if there is none. `groups` is the text of
// /proc/PID/cgroup. `mount` is the folder where control groups are mounted,
// without a trailing slash.
int64_t ControlGroupLimit(absl::string_view groups, const std::string& mount);

}  // namespace lenslet

#endif  // LENSLET_BASE_MEMORY_H_
