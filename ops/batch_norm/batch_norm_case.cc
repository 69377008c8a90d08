#include "lenslet/ops/batch_norm/batch_norm_case.h"

#include <cmath>

#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/batch_norm/batch_norm.h"

namespace lenslet {
namespace {

constexpr double kRoundoff = 0x1p-24;

// Numbers of sizes from 1/2 to 1, every other position's below zero, so that
// no channel of two positions or more has a variance below (1/2)^2 * 8/9, that
// of three numbers.
void FillSpread(int64_t channels, Random& random, double scale,
                absl::Span<float> x) {
  for (size_t i = 0; i < x.size(); ++i) {
    const double sign = i / channels % 2 == 0 ? scale : -scale;
    x[i] = static_cast<float>(sign * (0.5 + random.Uniform() / 2));
  }
}

// At inputs of 1: 1 / deviation.
constexpr double kSteepest = 2.13;

// A bound on the third derivative by one of m inputs of 1, whose difference
// from the mean is at most 2. With z_i = a_i / s, a_i' <= 1, and q = s^2, which
// has q' <= 4 / m and q'' <= 2 / m:
//   (1 / s)''  = -q'' / 2 s^3 + 3 q'^2 / 4 s^5
//   (1 / s)''' = 9 q' q'' / 4 s^5 - 15 q'^3 / 8 s^7
//   z_i'''     = a_i (1 / s)''' + 3 a_i' (1 / s)''
double ThirdDerivative(double m) {
  const double g = kSteepest;
  const double q1 = 4 / m;
  const double q2 = 2 / m;
  const double second =
      q2 / 2 * std::pow(g, 3) + 3 * q1 * q1 / 4 * std::pow(g, 5);
  const double third =
      9 * q1 * q2 / 4 * std::pow(g, 5) + 15 * q1 * q1 * q1 / 8 * std::pow(g, 7);
  return 2 * third + 3 * second;
}

}  // namespace

// Errors, in units of 2^-24, for inputs of up to 1:
//   a sum of 16 floats, of differences from one of them: 16 * 17 / 2 partial
//     sums of up to 2 each: 17 for each of its terms; with the difference's own
//     rounding, the mean is off by 18
//   variance: squares of 3 each, sums of 16; together 19, of itself, and so the
//     deviation 10
//   z, up to 2 * 2.13: 4.3 * (10 + 4 roundings) + 18 * 2.13 = 100
//   averages of dy and dy * z, where |dy| <= 1 and z has variance 1: 18, and
//     100 + 18
//   dx: 2.13 * (18 + 4.3 * 118 + 100) + 4.3 * 14 of roundings < 1400
//   parameters: for each position 118; and the averages' changes are less
// The inference kernels' two roundings of numbers up to 5 are well below.
KernelCase BatchNormCase(const std::string& name, const Shape& image,
                         int64_t images, bool training) {
  const int64_t channels = image.dim(image.rank() - 1);
  const int64_t positions = image.elements() / channels;
  const BatchNormSpec spec = {.channels = channels};
  return {.name = name,
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakeBatchNormKernel(backend, spec, image, images);
              },
          .inputs = {image},
          .output = image,
          .parameters = {{channels}, {channels}, {channels}, {channels}},
          .images = images,
          .training = training,
          .statistics = {2, 3},
          .scaled_third_derivative =
              ThirdDerivative(static_cast<double>(images * positions)),
          .function_error = 100 * kRoundoff,
          .input_gradient_error = 1400 * kRoundoff,
          .parameter_gradient_error = 118 * kRoundoff * positions,
          .fill_input =
              [channels](Random& random, double scale, absl::Span<float> x) {
                FillSpread(channels, random, scale, x);
              }};
}

}  // namespace lenslet
