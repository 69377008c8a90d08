// Lets buffers that are never needed at the same time share memory.

#ifndef LENSLET_LAYERS_ARENA_PLAN_H_
#define LENSLET_LAYERS_ARENA_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// Needed from step `first` to step `last`, both included. Sizes are in units of
// the caller's choice.
struct BufferLifetime {
  int64_t size;
  int first;
  int last;
};

struct ArenaPlan {
  std::vector<int64_t> offsets;  // Of each buffer.
  int64_t size = 0;              // Of the arena.
};

// Buffers whose lifetimes share a step get places that do not overlap. The
// largest buffer is placed first, each at the lowest place that is free for its
// lifetime: a heuristic, as the best plan is NP-hard to find.
ArenaPlan PlanArena(absl::Span<const BufferLifetime> buffers);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_ARENA_PLAN_H_
