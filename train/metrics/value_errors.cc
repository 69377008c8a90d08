#include "lenslet/train/metrics/value_errors.h"

#include <algorithm>
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

void R2Sums::Add(absl::Span<const float> outputs,
                 absl::Span<const float> targets) {
  const size_t columns = columns_.size();
  R2Sums block(static_cast<int64_t>(columns));
  block.rows_ = static_cast<int64_t>(targets.size() / columns);
  if (block.rows_ == 0) return;
  for (size_t c = 0; c < columns; ++c) {
    block.columns_[c].least = block.columns_[c].most = targets[c];
  }
  for (int64_t n = 0; n < block.rows_; ++n) {
    for (size_t c = 0; c < columns; ++c) {
      const float target = targets[n * columns + c];
      Column& column = block.columns_[c];
      column.mean += target;
      column.least = std::min(column.least, target);
      column.most = std::max(column.most, target);
    }
  }
  for (Column& c : block.columns_) c.mean /= static_cast<double>(block.rows_);
  for (int64_t n = 0; n < block.rows_; ++n) {
    for (size_t c = 0; c < columns; ++c) {
      Column& column = block.columns_[c];
      const double target = targets[n * columns + c];
      const double error = outputs[n * columns + c] - target;
      column.squared_error += error * error;
      column.deviations += (target - column.mean) * (target - column.mean);
    }
  }
  Add(block);
}

void R2Sums::Add(const R2Sums& other) {
  if (other.rows_ == 0) return;
  if (rows_ == 0) {
    *this = other;
    return;
  }
  const double rows = static_cast<double>(rows_ + other.rows_);
  const double share = static_cast<double>(other.rows_) / rows;
  for (size_t c = 0; c < columns_.size(); ++c) {
    Column& to = columns_[c];
    const Column& from = other.columns_[c];
    const double apart = from.mean - to.mean;
    to.mean += apart * share;
    to.deviations +=
        from.deviations + apart * apart * share * static_cast<double>(rows_);
    to.squared_error += from.squared_error;
    to.least = std::min(to.least, from.least);
    to.most = std::max(to.most, from.most);
  }
  rows_ += other.rows_;
}

std::vector<std::optional<double>> R2Sums::r2() const {
  std::vector<std::optional<double>> results;
  for (const Column& c : columns_) {
    results.push_back(
        c.least == c.most
            ? std::nullopt
            : std::optional<double>(1 - c.squared_error / c.deviations));
  }
  return results;
}

std::vector<std::optional<double>> R2OfColumns(absl::Span<const float> outputs,
                                               absl::Span<const float> targets,
                                               int64_t columns) {
  R2Sums sums(columns);
  sums.Add(outputs, targets);
  return sums.r2();
}

}  // namespace lenslet
