#include "lenslet/ops/testing/guarded_memory.h"

#include <sys/mman.h>
#include <unistd.h>
#include <xnnpack.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "lenslet/base/check.h"

namespace lenslet {
namespace {

// What the bytes between memory and pages hold.
constexpr unsigned char kFiller = 0xa5;

constexpr size_t kMostFreeBytes = size_t{64} << 20;

struct Allocation {
  unsigned char* map;  // With the pages on both sides.
  size_t map_bytes;
  size_t bytes;
};

struct Memory {
  const size_t page = sysconf(_SC_PAGESIZE);
  std::atomic<GuardedEnd> end = GuardedEnd::kEnd;
  std::mutex mutex;
  std::unordered_map<void*, Allocation> allocations;
  // Freed, by their sizes: making one takes the kernel longer than most tests
  // need it.
  std::unordered_map<size_t, std::vector<unsigned char*>> free_maps;
  size_t free_bytes = 0;
};

// Never destroyed: memory is freed until the process has ended.
Memory& TheMemory() {
  static Memory* memory = new Memory;
  return *memory;
}

size_t RoundUp(size_t n, size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// A map of that size whose first and last page may not be touched; null if
// there is none.
unsigned char* TakeMap(size_t bytes) {
  Memory& m = TheMemory();
  {
    std::lock_guard<std::mutex> lock(m.mutex);
    std::vector<unsigned char*>& maps = m.free_maps[bytes];
    if (!maps.empty()) {
      unsigned char* map = maps.back();
      maps.pop_back();
      m.free_bytes -= bytes;
      return map;
    }
  }
  void* mapped = mmap(nullptr, bytes, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  unsigned char* map = static_cast<unsigned char*>(mapped);
  LENSLET_CHECK(
      mprotect(map + m.page, bytes - 2 * m.page, PROT_READ | PROT_WRITE) == 0);
  return map;
}

void* Reallocate(void*, void* memory, size_t bytes) {
  void* grown = AllocateGuarded(alignof(std::max_align_t), bytes);
  if (memory == nullptr || grown == nullptr) return grown;
  size_t old_bytes;
  {
    Memory& m = TheMemory();
    std::lock_guard<std::mutex> lock(m.mutex);
    old_bytes = m.allocations.at(memory).bytes;
  }
  std::memcpy(grown, memory, std::min(old_bytes, bytes));
  FreeGuarded(memory);
  return grown;
}

void Free(void*, void* memory) { FreeGuarded(memory); }

}  // namespace

void SetGuardedEnd(GuardedEnd end) { TheMemory().end = end; }

void* AllocateGuarded(size_t alignment, size_t bytes) {
  Memory& m = TheMemory();
  const size_t room = RoundUp(std::max<size_t>(bytes, 1), m.page);
  const size_t map_bytes = room + 2 * m.page;
  unsigned char* map = TakeMap(map_bytes);
  if (map == nullptr) return nullptr;
  unsigned char* first = map + m.page;
  const size_t rounded = RoundUp(bytes, alignment);
  const size_t before = m.end == GuardedEnd::kEnd ? room - rounded : 0;
  std::memset(first, kFiller, before);
  std::memset(first + before, 0, bytes);
  std::memset(first + before + bytes, kFiller, room - before - bytes);
  std::lock_guard<std::mutex> lock(m.mutex);
  m.allocations[first + before] = {map, map_bytes, bytes};
  return first + before;
}

bool FreeGuarded(void* memory) {
  Memory& m = TheMemory();
  Allocation allocation;
  {
    std::lock_guard<std::mutex> lock(m.mutex);
    const auto found = m.allocations.find(memory);
    if (found == m.allocations.end()) return false;
    allocation = found->second;
    m.allocations.erase(found);
  }
  const unsigned char* first = allocation.map + m.page;
  const unsigned char* last = allocation.map + allocation.map_bytes - m.page;
  const auto is_filler = [](unsigned char byte) { return byte == kFiller; };
  const unsigned char* begin = static_cast<unsigned char*>(memory);
  LENSLET_CHECK(std::all_of(first, begin, is_filler));
  LENSLET_CHECK(std::all_of(begin + allocation.bytes, last, is_filler));
  std::lock_guard<std::mutex> lock(m.mutex);
  if (m.free_bytes + allocation.map_bytes > kMostFreeBytes) {
    munmap(allocation.map, allocation.map_bytes);
  } else {
    m.free_maps[allocation.map_bytes].push_back(allocation.map);
    m.free_bytes += allocation.map_bytes;
  }
  return true;
}

void UseGuardedMemoryInXnnpack() {
  static const xnn_allocator allocator = {
      .context = nullptr,
      .allocate =
          [](void*, size_t bytes) {
            return AllocateGuarded(alignof(std::max_align_t), bytes);
          },
      .reallocate = Reallocate,
      .deallocate = Free,
      .aligned_allocate =
          [](void*, size_t alignment, size_t bytes) {
            return AllocateGuarded(alignment, bytes);
          },
      .aligned_deallocate = Free};
  LENSLET_CHECK(xnn_initialize(&allocator) == xnn_status_success);
}

}  // namespace lenslet

// What the linker's --wrap calls instead of these functions.
extern "C" {

void __real_free(void* memory);

void* __wrap_aligned_alloc(size_t alignment, size_t bytes) {
  return lenslet::AllocateGuarded(alignment, bytes);
}

void __wrap_free(void* memory) {
  if (!lenslet::FreeGuarded(memory)) __real_free(memory);
}
}
