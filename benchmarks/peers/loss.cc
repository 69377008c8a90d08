#include "lenslet/benchmarks/peers/loss.h"

#include <algorithm>
#include <cmath>

#include "lenslet/benchmarks/peers/network.h"

namespace lenslet::peers {

double LossSum(const float* scores, absl::Span<const int32_t> labels,
               float* gradient) {
  const int64_t rows = static_cast<int64_t>(labels.size());
  const float scale = 1.0f / static_cast<float>(rows);
  double sum = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const float* x = scores + row * kClasses;
    const float largest = *std::max_element(x, x + kClasses);
    float exponentials[kClasses];
    float total = 0;
    for (int64_t i = 0; i < kClasses; ++i) {
      exponentials[i] = std::exp(x[i] - largest);
      total += exponentials[i];
    }
    sum += std::log(static_cast<double>(total)) +
           (static_cast<double>(largest) - x[labels[row]]);
    if (gradient == nullptr) continue;
    float* dx = gradient + row * kClasses;
    for (int64_t i = 0; i < kClasses; ++i) {
      dx[i] = exponentials[i] / total * scale;
    }
    dx[labels[row]] -= scale;
  }
  return sum;
}

}  // namespace lenslet::peers
