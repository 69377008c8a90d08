#include "lenslet/data/mixing.h"

#include <algorithm>
#include <cmath>

#include "lenslet/base/portable_math.h"

namespace lenslet {
namespace {

Mixture DrawMixup(double alpha, Random& random) {
  Mixture mixture;
  mixture.share = static_cast<float>(DrawSymmetricBeta(alpha, random));
  return mixture;
}

Mixture DrawCutmix(double alpha, const ImageFormat& format, Random& random) {
  const double side = std::sqrt(1 - DrawSymmetricBeta(alpha, random));
  const auto height =
      static_cast<int64_t>(std::floor(format.height * side + 0.5));
  const auto width =
      static_cast<int64_t>(std::floor(format.width * side + 0.5));
  const int64_t top = random.Below(format.height) - height / 2;
  const int64_t left = random.Below(format.width) - width / 2;
  ImageBox box;
  box.top = std::max<int64_t>(top, 0);
  box.left = std::max<int64_t>(left, 0);
  box.height = std::min(top + height, format.height) - box.top;
  box.width = std::min(left + width, format.width) - box.left;
  const double pasted = static_cast<double>(box.height * box.width) /
                        static_cast<double>(format.height * format.width);
  return {.share = static_cast<float>(1 - pasted), .pastes = true, .box = box};
}

// Examples in lanes, element by element.
void MixLanes(absl::Span<const Mixture> mixtures, const ImageFormat& format,
              float* group) {
  const auto count = static_cast<int64_t>(mixtures.size());
  const int64_t row_elements = format.width * format.channels;
  for (int64_t y = 0; y < format.height; ++y) {
    for (int64_t i = 0; i < row_elements; ++i, group += kLanes) {
      const int64_t x = i / format.channels;
      const float first = group[0];
      for (int64_t n = 0; n < count; ++n) {
        const Mixture& mixture = mixtures[n];
        const float other = n + 1 < count ? group[n + 1] : first;
        if (!mixture.pastes) {
          group[n] = mixture.share * group[n] + (1 - mixture.share) * other;
        } else if (y >= mixture.box.top &&
                   y < mixture.box.top + mixture.box.height &&
                   x >= mixture.box.left &&
                   x < mixture.box.left + mixture.box.width) {
          group[n] = other;
        }
      }
    }
  }
}

}  // namespace

// Up to 1: Johnk's method, whose pairs are taken more often than not. Above:
// the density, which is highest in the middle, and there is 1.
double DrawSymmetricBeta(double alpha, Random& random) {
  if (alpha <= 1) {
    const double exponent = std::min(1 / alpha, 1e9);
    while (true) {
      const double x = Power(random.Uniform(), exponent);
      const double y = Power(random.Uniform(), exponent);
      // Numbers too small for a double: one of the two is all of the sum.
      if (x + y == 0) return static_cast<double>(random.Below(2));
      if (x + y <= 1) return x / (x + y);
    }
  }
  while (true) {
    const double x = random.Uniform();
    if (random.Uniform() < Power(4 * x * (1 - x), alpha - 1)) return x;
  }
}

Mixture DrawMixture(const MixingSpec& spec, const ImageFormat& format,
                    Random& random) {
  if (spec.cutmix == 0) return DrawMixup(spec.mixup, random);
  if (spec.mixup == 0 || random.Below(2) == 1) {
    return DrawCutmix(spec.cutmix, format, random);
  }
  return DrawMixup(spec.mixup, random);
}

void MixGroup(absl::Span<const Mixture> mixtures, const ImageFormat& format,
              Layout layout, float* group) {
  if (mixtures.size() < 2) return;
  if (layout == Layout::kLanes) {
    MixLanes(mixtures, format, group);
    return;
  }
  const int64_t elements = format.bytes();
  MixArrays(mixtures, elements, group,
            [&](const Mixture& mixture, float* own, const float* other) {
              if (mixture.pastes) {
                PasteBox(format, mixture.box, other, own);
                return;
              }
              for (int64_t i = 0; i < elements; ++i) {
                own[i] =
                    mixture.share * own[i] + (1 - mixture.share) * other[i];
              }
            });
}

}  // namespace lenslet
