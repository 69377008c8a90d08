#include "lenslet/train/metrics/value_errors.h"

#include <cmath>
#include <cstddef>

namespace lenslet {

double ValueErrors::mean_absolute_error() const {
  return numbers == 0 ? 0 : absolute_sum / static_cast<double>(numbers);
}

double ValueErrors::mean_squared_error() const {
  return numbers == 0 ? 0 : squared_sum / static_cast<double>(numbers);
}

double ValueErrors::root_mean_squared_error() const {
  return std::sqrt(mean_squared_error());
}

void ValueErrors::Add(const ValueErrors& other) {
  numbers += other.numbers;
  absolute_sum += other.absolute_sum;
  squared_sum += other.squared_sum;
}

ValueErrors SumValueErrors(absl::Span<const float> outputs,
                           absl::Span<const float> targets) {
  ValueErrors errors = {.numbers = static_cast<int64_t>(targets.size())};
  for (size_t i = 0; i < targets.size(); ++i) {
    const double error = double{outputs[i]} - targets[i];
    errors.absolute_sum += std::abs(error);
    errors.squared_sum += error * error;
  }
  return errors;
}

std::vector<std::optional<double>> R2OfColumns(absl::Span<const float> outputs,
                                               absl::Span<const float> targets,
                                               int64_t columns) {
  std::vector<std::optional<double>> results;
  const size_t rows = targets.size() / columns;
  for (int64_t c = 0; c < columns; ++c) {
    double sum = 0;
    for (size_t n = 0; n < rows; ++n) sum += targets[n * columns + c];
    const double mean = sum / static_cast<double>(rows);
    double of_outputs = 0;
    double of_mean = 0;
    bool constant = true;
    for (size_t n = 0; n < rows; ++n) {
      const double target = targets[n * columns + c];
      const double error = outputs[n * columns + c] - target;
      of_outputs += error * error;
      of_mean += (target - mean) * (target - mean);
      // A rounded mean may differ from targets that are all equal.
      constant &= targets[n * columns + c] == targets[c];
    }
    if (constant) {
      results.push_back(std::nullopt);
    } else {
      results.push_back(1 - of_outputs / of_mean);
    }
  }
  return results;
}

}  // namespace lenslet
