#include "lenslet/ops/bias_gradient.h"

#include <algorithm>

namespace lenslet {

void AddBiasGradient(int64_t rows, int64_t columns, const float* dy,
                     float* db) {
  // Columns are summed in tiles that fit into registers, rows in runs whose
  // sums are added up in turn.
  constexpr int64_t kTile = 16;
  constexpr int64_t kRun = 64;
  for (int64_t start = 0; start < columns; start += kTile) {
    const int64_t width = std::min(kTile, columns - start);
    float total[kTile] = {};
    for (int64_t row = 0; row < rows; row += kRun) {
      const int64_t end = std::min(rows, row + kRun);
      float sum[kTile] = {};
      for (int64_t r = row; r < end; ++r) {
        const float* from = dy + r * columns + start;
        for (int64_t k = 0; k < width; ++k) sum[k] += from[k];
      }
      for (int64_t k = 0; k < width; ++k) total[k] += sum[k];
    }
    for (int64_t k = 0; k < width; ++k) db[start + k] += total[k];
  }
}

}  // namespace lenslet
