#include "lenslet/ops/activation/activation_functions.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Half the distance between neighboring floats, relative.
constexpr double kRoundoff = 0x1p-24;

using Function = std::function<double(double)>;

double Phi(double x) { return std::erfc(-x * M_SQRT1_2) / 2; }
double Density(double x) {
  return std::exp(-x * x / 2) * (M_SQRT1_2 * M_2_SQRTPI / 2);
}
double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Both signs, 500 numbers in each octave from 2^-130, which is denormal, to
// the limits.
Tensor DenseNumbers(double lowest, double highest) {
  std::vector<float> numbers;
  for (int octave = -130; octave < 7; ++octave) {
    for (int i = 0; i < 500; ++i) {
      const double x = std::ldexp(1 + i / 500.0, octave);
      if (x <= highest) numbers.push_back(static_cast<float>(x));
      if (-x >= lowest) numbers.push_back(static_cast<float>(-x));
    }
  }
  // A multiple of what a vector holds.
  numbers.resize((numbers.size() + 15) / 16 * 16);
  Tensor x({static_cast<int64_t>(numbers.size())});
  std::copy(numbers.begin(), numbers.end(), x.data());
  return x;
}

void ExpectWithin(const Tensor& x, const Tensor& y, const Function& expected,
                  const Function& tolerance) {
  for (int64_t i = 0; i < x.shape().elements(); ++i) {
    const double at = x.data()[i];
    // A product of a denormal is rounded to the next one.
    ASSERT_NEAR(y.data()[i], expected(at), tolerance(at) + 0x1p-149)
        << "at " << at;
  }
}

// For the rounding units see ops/lanes/math-inl.h, plus one for each further
// operation. All are relative.
struct ValueCase {
  ActivationSpec spec;
  double lowest;
  double highest;
  Function expected;
  Function units;
};

TEST(ActivationFunctionsTest, ValuesAreAsAccurateAsPromised) {
  const std::vector<ValueCase> cases = {
      {{.kind = ActivationKind::kElu, .alpha = 3.0f},
       -87,
       0,
       [](double x) { return 3 * std::expm1(x); },
       [](double) { return 4 + 1; }},
      {{.kind = ActivationKind::kGelu},
       -13,
       100,
       [](double x) { return x * Phi(x); },
       [](double x) { return 20 + std::min(x * x / 2, 85.0) + 1; }},
      {{.kind = ActivationKind::kSilu},
       -87,
       100,
       [](double x) { return x * Sigmoid(x); },
       [](double) { return 12 + 1; }},
      // The errors of an exponential and of a logarithm.
      {{.kind = ActivationKind::kSoftplus},
       -87,
       100,
       [](double x) {
         return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
       },
       [](double) { return 8 + 8 + 1; }},
      // Away from its zeros. Roundings of 1 / 6, of the factor and of the
      // product.
      {{.kind = ActivationKind::kHardSwish},
       -1.5,
       100,
       [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); },
       [](double) { return 4; }}};
  for (const ValueCase& c : cases) {
    ForEachInstructionSet([&](const std::string& name) {
      SCOPED_TRACE(absl::StrCat(Name(c.spec.kind), ", ", name));
      const Tensor x = DenseNumbers(c.lowest, c.highest);
      Tensor y(x.shape());
      Activate(c.spec, x.shape().elements(), x.data(), y.data());
      ExpectWithin(x, y, c.expected, [&](double at) {
        return c.units(at) * kRoundoff * std::abs(c.expected(at));
      });
    });
  }
}

#if defined(__x86_64__)
// Elsewhere, and without vectors, a maximum may be the number, of a number and
// a NaN.
TEST(ActivationFunctionsTest, NanStaysNan) {
  for (const ActivationKind kind : kActivationKinds) {
    ForEachInstructionSet([&](const std::string& name) {
      if (name == "SCALAR" || name == "EMU128") return;
      SCOPED_TRACE(absl::StrCat(Name(kind), ", ", name));
      // With a part of a vector at the end.
      Tensor x({37});
      Tensor y({37});
      for (int i = 0; i < 37; ++i) {
        x.data()[i] = i % 3 == 0 ? std::nanf("") : i - 18.5f;
      }
      Activate({.kind = kind}, 37, x.data(), y.data());
      for (int i = 0; i < 37; ++i) {
        EXPECT_EQ(std::isnan(y.data()[i]), i % 3 == 0) << i;
      }
    });
  }
}
#endif

struct GradientCase {
  ActivationSpec spec;
  Function expected;
  double units;  // Absolute.
};

TEST(ActivationFunctionsTest, GradientsFromTheInputAreAccurate) {
  const std::vector<GradientCase> cases = {
      // Phi's error is that of its tail, which is 1/2 at most, of some 20
      // units; x phi(x) is 1/4 at most, and its e^(-x^2 / 2) has 8 + x^2 / 2.
      {{.kind = ActivationKind::kGelu},
       [](double x) { return Phi(x) + x * Density(x); },
       16},
      // The sigmoid has 12 units, and the product with 1 - sigmoid, which is
      // 1/4 at most, two times that.
      {{.kind = ActivationKind::kSilu},
       [](double x) { return Sigmoid(x) * (1 + x * Sigmoid(-x)); },
       24},
      {{.kind = ActivationKind::kSoftplus}, Sigmoid, 13}};
  for (const GradientCase& c : cases) {
    ASSERT_FALSE(GradientFromOutput(c.spec.kind));
    ForEachInstructionSet([&](const std::string& name) {
      SCOPED_TRACE(absl::StrCat(Name(c.spec.kind), ", ", name));
      const Tensor x = DenseNumbers(-100, 100);
      Tensor dy(x.shape());
      std::fill(dy.span().begin(), dy.span().end(), -2.0f);
      Tensor dx(x.shape());
      ActivationGradient(c.spec, x.shape().elements(), x.data(), dy.data(),
                         dx.data());
      ExpectWithin(
          x, dx, [&](double at) { return -2 * c.expected(at); },
          [&](double) { return 2 * c.units * kRoundoff; });
    });
  }
}

}  // namespace
}  // namespace lenslet
