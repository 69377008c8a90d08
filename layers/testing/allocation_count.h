// Counts the calls that allocate memory in a test's process: malloc and its
// kin, and with them operator new and what shared libraries allocate.

#ifndef LENSLET_LAYERS_TESTING_ALLOCATION_COUNT_H_
#define LENSLET_LAYERS_TESTING_ALLOCATION_COUNT_H_

#include <cstdint>

namespace lenslet {

// Calls so far, of all threads. For glibc; with a sanitizer that replaces
// malloc, for its hooks.
int64_t AllocationCount();

}  // namespace lenslet

#endif  // LENSLET_LAYERS_TESTING_ALLOCATION_COUNT_H_
