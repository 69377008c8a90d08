#include "lenslet/ops/gradient_product.h"

#include <algorithm>
#include <array>

#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

int64_t WholeVectors(int64_t n) { return n / kLanes * kLanes; }

}  // namespace

GradientProduct::GradientProduct(int64_t m, int64_t n, int64_t group_rows)
    : m_(m),
      n_(n),
      group_rows_(group_rows),
      b_stride_(LaneGroups(n) * kLanes),
      tile_(ChooseWeightedSumsTile(m, n / kLanes)),
      rest_tile_(ChooseWeightedSumsTile(m, 1)) {}

void GradientProduct::Compute(int64_t rows, const float* a, const float* b,
                              int64_t begin, int64_t end, bool add,
                              float* gradient) const {
  // As many as let what a tile reads of b stay in the L1 cache.
  constexpr int64_t kRows = 64;
  while (rows > 0) {
    const int64_t some = std::min(rows, kRows);
    ComputeVectors(some, a, b, begin, end, add, gradient);
    ComputeRest(some, a, b, begin, end, add, gradient);
    add = true;
    a += some * a_stride();
    b += some * b_stride();
    rows -= some;
  }
}

void GradientProduct::ComputeVectors(int64_t rows, const float* a,
                                     const float* b, int64_t begin, int64_t end,
                                     bool add, float* gradient) const {
  if (n_ < kLanes) return;
  const std::array runs = {WeightedRun{.steps = rows}};
  ComputeWeightedSums({.runs = runs,
                       .positions = n_ / kLanes,
                       .outputs = end - begin,
                       .x = b,
                       .x_stride = kLanes,
                       .x_step = b_stride(),
                       .w = a + begin,
                       .w_stride = a_stride(),
                       .start_with_y = add,
                       .y = gradient + begin * n_,
                       .y_stride = kLanes,
                       .y_output = n_},
                      tile_);
}

void GradientProduct::ComputeRest(int64_t rows, const float* a, const float* b,
                                  int64_t begin, int64_t end, bool add,
                                  float* gradient) const {
  const int64_t done = WholeVectors(n_);
  if (done == n_) return;
  // The last vector of a row of the gradient reaches into the next row, which
  // may be another thread's.
  constexpr int64_t kRows = 32;
  alignas(64) std::array<float, kRows * kLanes> last;
  const std::array runs = {WeightedRun{.steps = rows}};
  for (int64_t first = begin; first < end; first += kRows) {
    const int64_t count = std::min(kRows, end - first);
    float* to = gradient + first * n_ + done;
    for (int64_t i = 0; i < count && add; ++i) {
      std::copy_n(to + i * n_, n_ - done, last.data() + i * kLanes);
    }
    ComputeWeightedSums({.runs = runs,
                         .positions = 1,
                         .outputs = count,
                         .x = b + done,
                         .x_step = b_stride(),
                         .w = a + first,
                         .w_stride = a_stride(),
                         .start_with_y = add,
                         .y = last.data()},
                        rest_tile_);
    for (int64_t i = 0; i < count; ++i) {
      std::copy_n(last.data() + i * kLanes, n_ - done, to + i * n_);
    }
  }
}

}  // namespace lenslet
