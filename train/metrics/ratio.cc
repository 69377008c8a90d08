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

double MeanWithZeros(absl::Span<const std::optional<double>> numbers) {
  double sum = 0;
  for (const std::optional<double>& number : numbers) sum += number.value_or(0);
  return Ratio(sum, static_cast<int64_t>(numbers.size())).value_or(0);
}

}  // namespace lenslet
