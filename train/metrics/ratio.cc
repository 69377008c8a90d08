#include "lenslet/train/metrics/ratio.h"

namespace lenslet {

std::optional<double> Ratio(double numerator, int64_t denominator) {
  if (denominator == 0) return std::nullopt;
  return numerator / static_cast<double>(denominator);
}

std::optional<double> MeanOfPresent(
    absl::Span<const std::optional<double>> numbers) {
  double sum = 0;
  int64_t count = 0;
  for (const std::optional<double>& number : numbers) {
    if (!number) continue;
    sum += *number;
    ++count;
  }
  return Ratio(sum, count);
}

}  // namespace lenslet
