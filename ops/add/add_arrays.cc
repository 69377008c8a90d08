#include "lenslet/ops/add/add_arrays.h"

#include <algorithm>

namespace lenslet {

void AddArrays(absl::Span<const float* const> x, int64_t size, float* y) {
  const float* a = x[0];
  const float* b = x[1];
  for (int64_t i = 0; i < size; ++i) y[i] = a[i] + b[i];
  for (const float* more : x.subspan(2)) {
    for (int64_t i = 0; i < size; ++i) y[i] += more[i];
  }
}

void CopyToAll(const float* dy, int64_t size, absl::Span<float* const> dx) {
  for (float* to : dx) {
    if (to != nullptr) std::copy_n(dy, size, to);
  }
}

}  // namespace lenslet
