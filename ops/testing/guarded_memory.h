// Memory between two inaccessible pages: reading or writing past its ends
// crashes the program on the spot.
//
// A test that depends on this library and has `linkstatic = True` uses guarded
// memory for all Tensors: its calls of aligned_alloc() and free() are
// redirected here. After UseGuardedMemoryInXnnpack(), so are the allocations of
// XNNPACK, such as its tables and packed weights.

#ifndef LENSLET_OPS_TESTING_GUARDED_MEMORY_H_
#define LENSLET_OPS_TESTING_GUARDED_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace lenslet {

// The end of the memory that is next to an inaccessible page, as far as
// alignment allows.
enum class GuardedEnd : uint8_t { kBegin, kEnd };

// Sets the guarded end of memory that is allocated from now on. Initially kEnd.
void SetGuardedEnd(GuardedEnd end);

// Returns `bytes` zero bytes at a multiple of `alignment`, which must divide
// the page size. Returns null if memory runs out. Thread-safe.
void* AllocateGuarded(size_t alignment, size_t bytes);

// Frees the memory and returns true. Aborts if the bytes between it and the
// inaccessible pages have changed. Returns false and does nothing if `memory`
// is not guarded. Thread-safe.
bool FreeGuarded(void* memory);

// Must be called before the first use of XNNPACK.
void UseGuardedMemoryInXnnpack();

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_GUARDED_MEMORY_H_
