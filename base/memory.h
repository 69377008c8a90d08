// How much memory this process may use.

#ifndef LENSLET_BASE_MEMORY_H_
#define LENSLET_BASE_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

// The limit is the smallest of the machine's memory, free or not; that of the
// process's control group and those above it (cgroups v1 and v2, as containers
// have); and RLIMIT_AS (`ulimit -v`). Linux promises more than there is and
// kills the process that uses it, so what asks for sizes that a file or a flag
// decides calls CheckMemory() first.

// Returns OK if `bytes`, with what the process already uses, stay within the
// limit. Amounts below 1 MiB are not judged. Errors: ResourceExhausted, "not
// enough memory for WHAT".
absl::Status CheckMemory(int64_t bytes, absl::string_view what);

// A part of what a long run will need, in bytes; at least 0.
struct MemoryPart {
  std::string what;
  int64_t bytes = 0;
};

// Returns OK if all parts together stay within the limit. Whatever of them is
// already there counts once. Errors: ResourceExhausted, naming `what` for, the
// sum and the largest parts.
absl::Status CheckMemory(absl::Span<const MemoryPart> parts,
                         absl::string_view what);

// "the largest parts: activations 2000 MiB, training examples 44 MiB", for
// errors; at most three.
std::string LargestParts(absl::Span<const MemoryPart> parts);

// a * b and a + b of sizes that are at least 0, or the largest int64_t where
// that is too small.
int64_t MultiplySizes(int64_t a, int64_t b);
int64_t AddSizes(int64_t a, int64_t b);

// The smallest limit, in bytes, of a process's control groups and those above
// them; the largest int64_t if there is none. `groups` is the text of
// /proc/PID/cgroup, `mount` the folder where control groups are, without a
// slash at the end.
int64_t ControlGroupLimit(absl::string_view groups, const std::string& mount);

}  // namespace lenslet

#endif  // LENSLET_BASE_MEMORY_H_
