#include "lenslet/base/portable_math.h"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace lenslet {
namespace {

// 2 artanh((m - 1) / (m + 1)) + e ln(2), for x = m 2^e and m near 1.
double NaturalLogarithm(double x) {
  int exponent;
  double m = std::frexp(x, &exponent);  // In [1/2, 1).
  if (m < 0.7) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);  // |s| < 0.18
  const double z = s * s;
  double sum = 0;
  for (int k = 25; k >= 1; k -= 2) sum = sum * z + 1.0 / k;
  return 2 * s * sum + exponent * std::numbers::ln2;
}

// 2^k e^r, for x = k ln(2) + r and |r| <= ln(2) / 2.
double Exponential(double x) {
  const double k = std::floor(x / std::numbers::ln2 + 0.5);
  const double r = x - k * std::numbers::ln2;
  double sum = 1;
  for (int n = 18; n >= 1; --n) sum = 1 + sum * r / n;
  return std::ldexp(sum, static_cast<int>(k));
}

}  // namespace

void SineAndCosine(double x, double& sine, double& cosine) {
  double term = 1;  // x^k / k!
  sine = 0;
  cosine = 0;
  for (int k = 0; k < 40; k += 2) {
    const double sign = k % 4 == 0 ? 1 : -1;
    cosine += sign * term;
    term = term * x / (k + 1);
    sine += sign * term;
    term = term * x / (k + 2);
  }
}

double Power(double base, double exponent) {
  const double whole = std::floor(exponent);
  double power = 1;
  double factor = base;
  for (double rest = whole; rest > 0; rest = std::floor(rest / 2)) {
    if (std::fmod(rest, 2) == 1) power *= factor;
    factor *= factor;
  }
  if (whole == exponent) return power;
  if (base == 0) return 0;
  return power * Exponential((exponent - whole) * NaturalLogarithm(base));
}

}  // namespace lenslet
