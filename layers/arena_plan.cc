#include "lenslet/layers/arena_plan.h"

#include <algorithm>
#include <numeric>

namespace lenslet {

ArenaPlan PlanArena(absl::Span<const BufferLifetime> buffers) {
  ArenaPlan plan;
  plan.offsets.resize(buffers.size());
  std::vector<int> by_size(buffers.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::stable_sort(by_size.begin(), by_size.end(), [&](int a, int b) {
    return buffers[a].size > buffers[b].size;
  });
  std::vector<int> placed;  // In the order of their offsets.
  for (int buffer : by_size) {
    const BufferLifetime& b = buffers[buffer];
    int64_t offset = 0;
    for (int other : placed) {
      const BufferLifetime& o = buffers[other];
      if (o.last < b.first || b.last < o.first) continue;
      if (plan.offsets[other] >= offset + b.size) break;
      offset = std::max(offset, plan.offsets[other] + o.size);
    }
    plan.offsets[buffer] = offset;
    plan.size = std::max(plan.size, offset + b.size);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), buffer,
                                   [&](int x, int y) {
                                     return plan.offsets[x] < plan.offsets[y];
                                   }),
                  buffer);
  }
  return plan;
}

}  // namespace lenslet
