#include "lenslet/base/spread.h"

#include <cmath>
#include <cstddef>

#include "lenslet/base/check.h"

namespace lenslet {

Spread SpreadOf(absl::Span<const double> values) {
  const size_t n = values.size();
  LENSLET_CHECK(n >= 2);
  double sum = 0;
  for (const double x : values) sum += x;
  const double mean = sum / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {.mean = mean, .deviation = std::sqrt(squares / (n - 1))};
}

}  // namespace lenslet
