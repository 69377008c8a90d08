#include "lenslet/tensor/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet {
namespace {

std::string Described(const Tensor& x) {
  return absl::StrCat(Name(x.type()), " ", x.shape().ToString());
}

void CheckOperands(absl::string_view operation, const Tensor& a,
                   const Tensor& b) {
  if (a.shape() == b.shape() && a.type() == ElementType::kFloat32 &&
      b.type() == ElementType::kFloat32) {
    return;
  }
  Fatal(absl::StrCat(operation, " of ", Described(a), " and ", Described(b),
                     "; expected float32 tensors of equal shapes"));
}

void CheckOperand(absl::string_view operation, const Tensor& x) {
  if (x.type() == ElementType::kFloat32) return;
  Fatal(absl::StrCat(operation, " of ", Described(x),
                     "; expected a float32 tensor"));
}

// f(x[i]), element by element.
template <typename F>
Tensor Each(absl::string_view operation, const Tensor& x, F f) {
  CheckOperand(operation, x);
  Tensor y(x.shape());
  std::transform(x.span().begin(), x.span().end(), y.data(), f);
  return y;
}

// a[i] = f(a[i], b[i])
template <typename F>
Tensor& Apply(absl::string_view operation, Tensor& a, const Tensor& b, F f) {
  CheckOperands(operation, a, b);
  std::transform(a.span().begin(), a.span().end(), b.data(), a.data(), f);
  return a;
}

// a[i] = f(a[i], b)
template <typename F>
Tensor& Apply(absl::string_view operation, Tensor& a, float b, F f) {
  CheckOperand(operation, a);
  for (float& element : a.span()) element = f(element, b);
  return a;
}

// f(a[i], b[i])
template <typename F>
Tensor Both(absl::string_view operation, const Tensor& a, const Tensor& b,
            F f) {
  Tensor y = a.Clone();
  Apply(operation, y, b, f);
  return y;
}

// Of a tensor with elements.
absl::Span<const float> ElementsOf(absl::string_view operation,
                                   const Tensor& x) {
  CheckOperand(operation, x);
  if (x.empty()) {
    Fatal(absl::StrCat(operation, " of ", Described(x),
                       "; expected at least one element"));
  }
  return x.span();
}

double SumOf(absl::Span<const float> values) {
  double sum = 0;
  for (float value : values) sum += value;
  return sum;
}

// The element for which no other is `better`, or NaN.
template <typename Better>
float Best(absl::Span<const float> values, Better better) {
  float best = values[0];
  for (float value : values) {
    if (std::isnan(value) || better(value, best)) best = value;
  }
  return best;
}

}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) {
  return Both("+", a, b, std::plus<>());
}
Tensor operator-(const Tensor& a, const Tensor& b) {
  return Both("-", a, b, std::minus<>());
}
Tensor operator*(const Tensor& a, const Tensor& b) {
  return Both("*", a, b, std::multiplies<>());
}
Tensor operator/(const Tensor& a, const Tensor& b) {
  return Both("/", a, b, std::divides<>());
}

Tensor operator+(const Tensor& a, float b) {
  return Each("+", a, [b](float x) { return x + b; });
}
Tensor operator-(const Tensor& a, float b) {
  return Each("-", a, [b](float x) { return x - b; });
}
Tensor operator*(const Tensor& a, float b) {
  return Each("*", a, [b](float x) { return x * b; });
}
Tensor operator/(const Tensor& a, float b) {
  return Each("/", a, [b](float x) { return x / b; });
}
Tensor operator+(float a, const Tensor& b) { return b + a; }
Tensor operator-(float a, const Tensor& b) {
  return Each("-", b, [a](float x) { return a - x; });
}
Tensor operator*(float a, const Tensor& b) { return b * a; }
Tensor operator/(float a, const Tensor& b) {
  return Each("/", b, [a](float x) { return a / x; });
}

Tensor& operator+=(Tensor& a, const Tensor& b) {
  return Apply("+=", a, b, std::plus<>());
}
Tensor& operator-=(Tensor& a, const Tensor& b) {
  return Apply("-=", a, b, std::minus<>());
}
Tensor& operator*=(Tensor& a, const Tensor& b) {
  return Apply("*=", a, b, std::multiplies<>());
}
Tensor& operator/=(Tensor& a, const Tensor& b) {
  return Apply("/=", a, b, std::divides<>());
}
Tensor& operator+=(Tensor& a, float b) {
  return Apply("+=", a, b, std::plus<>());
}
Tensor& operator-=(Tensor& a, float b) {
  return Apply("-=", a, b, std::minus<>());
}
Tensor& operator*=(Tensor& a, float b) {
  return Apply("*=", a, b, std::multiplies<>());
}
Tensor& operator/=(Tensor& a, float b) {
  return Apply("/=", a, b, std::divides<>());
}

Tensor operator-(const Tensor& x) { return Each("-", x, std::negate<>()); }
Tensor Abs(const Tensor& x) {
  return Each("Abs", x, [](float value) { return std::abs(value); });
}
Tensor Square(const Tensor& x) {
  return Each("Square", x, [](float value) { return value * value; });
}
Tensor Exp(const Tensor& x) {
  return Each("Exp", x, [](float v) { return std::exp(v); });
}
Tensor Log(const Tensor& x) {
  return Each("Log", x, [](float v) { return std::log(v); });
}

float Sum(const Tensor& x) {
  CheckOperand("Sum", x);
  return static_cast<float>(SumOf(x.span()));
}
float Mean(const Tensor& x) {
  const absl::Span<const float> values = ElementsOf("Mean", x);
  return static_cast<float>(SumOf(values) / static_cast<double>(values.size()));
}
float Max(const Tensor& x) {
  return Best(ElementsOf("Max", x), std::greater<>());
}
float Min(const Tensor& x) { return Best(ElementsOf("Min", x), std::less<>()); }

Tensor MatMul(const Tensor& a, const Tensor& b) {
  if (a.type() != ElementType::kFloat32 || b.type() != ElementType::kFloat32 ||
      a.shape().rank() != 2 || b.shape().rank() != 2 ||
      a.shape().dim(1) != b.shape().dim(0)) {
    Fatal(absl::StrCat("MatMul of ", Described(a), " and ", Described(b),
                       "; expected float32 [M, K] and [K, N]"));
  }
  Tensor y({a.shape().dim(0), b.shape().dim(1)});
  for (int64_t i = 0; i < y.shape().dim(0); ++i) {
    for (int64_t j = 0; j < y.shape().dim(1); ++j) {
      double sum = 0;
      for (int64_t k = 0; k < a.shape().dim(1); ++k) {
        sum += static_cast<double>(a(i, k)) * b(k, j);
      }
      y(i, j) = static_cast<float>(sum);
    }
  }
  return y;
}

}  // namespace lenslet
