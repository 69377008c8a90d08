// Memory with a page on each side that may not be touched: who reads or writes
// past an end of it is stopped there.
//
// A test that depends on this and has `linkstatic = True` gets it for all
// Tensors: its calls of aligned_alloc() and free() come here. After
// UseGuardedMemoryInXnnpack(), XNNPACK's own tables and weights are there, too.

#ifndef LENSLET_OPS_TESTING_GUARDED_MEMORY_H_
#define LENSLET_OPS_TESTING_GUARDED_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace lenslet {

// Which end touches its page, but for what alignment leaves.
enum class GuardedEnd : uint8_t { kBegin, kEnd };

// Of memory that is allocated from now on; kEnd at first.
void SetGuardedEnd(GuardedEnd end);

// Memory of `bytes` zeros at a multiple of `alignment`, which divides a page;
// null if there is none. Thread-safe.
void* AllocateGuarded(size_t alignment, size_t bytes);

// Frees it. Aborts if what lies between it and the pages has been written to.
// False, and nothing happens, for other memory.
bool FreeGuarded(void* memory);

// Must be called before the first use of XNNPACK.
void UseGuardedMemoryInXnnpack();

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_GUARDED_MEMORY_H_
