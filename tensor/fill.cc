#include "lenslet/tensor/fill.h"

#include <algorithm>
#include <numeric>

namespace lenslet {

void FillUniform(double low, double high, Random& random,
                 absl::Span<float> values) {
  for (float& value : values) {
    value = static_cast<float>(low + (high - low) * random.Uniform());
  }
}

void FillNormal(double mean, double standard_deviation, Random& random,
                absl::Span<float> values) {
  for (float& value : values) {
    value = static_cast<float>(mean + standard_deviation * random.Normal());
  }
}

void FillIota(float start, absl::Span<float> values) {
  std::iota(values.begin(), values.end(), start);
}

Tensor Filled(const Shape& shape, float value) {
  Tensor tensor(shape);
  std::fill(tensor.span().begin(), tensor.span().end(), value);
  return tensor;
}

Tensor Ones(const Shape& shape) { return Filled(shape, 1); }

Tensor Iota(const Shape& shape, float start) {
  Tensor tensor(shape);
  FillIota(start, tensor.span());
  return tensor;
}

}  // namespace lenslet
