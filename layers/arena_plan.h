// Lets buffers that are never needed at the same time share memory.

#ifndef LENSLET_LAYERS_ARENA_PLAN_H_
#define LENSLET_LAYERS_ARENA_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// A buffer that is in use from step `first` to step `last`, inclusive. The
// caller chooses the unit of sizes.
struct BufferLifetime {
  int64_t size;
  int first;
  int last;
};

struct ArenaPlan {
  std::vector<int64_t> offsets;  // One for each buffer.
  int64_t size = 0;              // Of the arena.
};

// Returns a plan in which buffers do not overlap if their lifetimes share a
// step. Places the largest buffer first, and each at the lowest offset that is
// free during its lifetime. This is a heuristic, since finding the best plan is
// NP-hard.
ArenaPlan PlanArena(absl::Span<const BufferLifetime> buffers);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_ARENA_PLAN_H_
