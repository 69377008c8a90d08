#include "lenslet/ops/activation/activation_case.h"

#include <cmath>

#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/activation/activation.h"

namespace lenslet {
namespace {

// Away from the kink of relu.
void FillAwayFromZero(Random& random, double scale, absl::Span<float> values) {
  for (float& value : values) {
    const double magnitude = scale * (2 * kStep + random.Uniform());
    value = static_cast<float>(random.Below(2) == 0 ? magnitude : -magnitude);
  }
}

// Away from two kinks that are farther apart than 8 kStep * scale.
auto FillAwayFrom(double first, double second) {
  return [=](Random& random, double scale, absl::Span<float> values) {
    const double margin = 2.5 * kStep * scale;
    for (float& value : values) {
      double x = scale * (2 * random.Uniform() - 1);
      for (const double kink : {first, second}) {
        if (std::abs(x - kink) < margin)
          x = kink + (x < kink ? -1 : 1) * margin;
      }
      value = static_cast<float>(x);
    }
  };
}

// Bounds on a function's third derivative: of sigmoid 1/8, of tanh 2, of ELU's
// exponential alpha, of GELU (x^3 - 4 x) phi(x), and so on.
double ThirdDerivative(const ActivationSpec& spec) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
    case ActivationKind::kSoftplus:
      return 0.125;
    case ActivationKind::kTanh:
      return 2;
    case ActivationKind::kRelu:
    case ActivationKind::kLeakyRelu:
      return 0;
    case ActivationKind::kElu:
      return spec.alpha;
    case ActivationKind::kGelu:
      return 0.8;
    case ActivationKind::kSilu:
      return 0.31;
    // Pieces of polynomials of at most the second degree.
    case ActivationKind::kClip:
    case ActivationKind::kHardSigmoid:
    case ActivationKind::kHardSwish:
      return 0;
  }
  return 0;
}

}  // namespace

KernelCase ActivationKernelCase(const std::string& name,
                                const ActivationSpec& spec, const Shape& image,
                                int64_t images) {
  KernelCase c = {.name = name,
                  .make =
                      [spec, image](Backend backend, int64_t images) {
                        return MakeActivationKernel(backend, spec, image,
                                                    images);
                      },
                  .inputs = {image},
                  .output = image,
                  .images = images};
  c.third_derivative = ThirdDerivative(spec);
  switch (spec.kind) {
    case ActivationKind::kRelu:
    case ActivationKind::kLeakyRelu:
      c.fill_input = FillAwayFromZero;
      break;
    case ActivationKind::kSigmoid:
    case ActivationKind::kTanh:
      // XNNPACK's sigmoid is within 2 ulp; tanh doubles that, of numbers up to
      // 1.
      c.function_error = 4 * 0x1p-23;
      break;
    case ActivationKind::kClip:
      c.fill_input = FillAwayFrom(spec.min, spec.max);
      break;
    case ActivationKind::kHardSigmoid:
      c.fill_input = FillAwayFrom(-spec.offset / spec.hard_slope,
                                  (1 - spec.offset) / spec.hard_slope);
      // A rounding of slope * x + offset, and the gradient's.
      c.function_error =
          2 * 0x1p-24 * (1 + spec.hard_slope + std::abs(spec.offset));
      break;
    case ActivationKind::kHardSwish:
      c.fill_input = FillAwayFrom(-3, 3);
      c.function_error = 4 * 16 * 0x1p-24;
      break;
    case ActivationKind::kElu:
      c.fill_input = FillAwayFromZero;
      [[fallthrough]];
    default:
      // What activation_functions.h promises, of numbers up to 4.
      c.function_error = 4 * 16 * 0x1p-24;
  }
  return c;
}

}  // namespace lenslet
