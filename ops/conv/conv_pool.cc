#include "lenslet/ops/conv/conv_pool.h"

#include "lenslet/ops/axes.h"

namespace lenslet {

std::optional<Pool2x2> Pool2x2Of(const EpilogueGeometry& epilogue) {
  if (!epilogue.pool) return Pool2x2::kNone;
  if (epilogue.activation && !IsRelu(epilogue.activation)) return {};
  const PoolGeometry& pool = *epilogue.pool;
  const Window& w = pool.window;
  const Axes window = {1, 2, 2};
  if (pool.adaptive || w.kernel != window || w.stride != window ||
      w.dilation[1] != 1 || w.dilation[2] != 1 || !WindowsAreWhole(pool)) {
    return {};
  }
  switch (pool.kind) {
    case PoolKind::kMax:
      return Pool2x2::kMax;
    case PoolKind::kMin:
      return Pool2x2::kMin;
    case PoolKind::kAverage:
      return Pool2x2::kAverage;
    case PoolKind::kSoftmax:
      return {};
  }
  return {};
}

}  // namespace lenslet
