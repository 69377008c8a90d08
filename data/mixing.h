// Mixtures of training examples with each other.
//
//   mixup   s * a + (1 - s) * b (Zhang, Cisse, Dauphin and Lopez-Paz, "mixup:
//           beyond empirical risk minimization", 2018)
//   cutmix  a, but for a box that has the pixels of b (Yun, Han, Oh, Chun, Choe
//           and Yoo, "CutMix: regularization strategy to train strong
//           classifiers with localizable features", 2019)
//
// An example a is mixed with b, the next of its group: 16 examples that follow
// each other in a block, or the rest of one. The last is mixed with the first.
// As the order of an epoch is random, so are the pairs. A group of one example
// stays as it is. s is drawn for each example from a Beta(alpha, alpha)
// distribution. The box of cutmix has the proportions of the image and sides
// sqrt(1 - s) times as long, around a uniformly random pixel; it is clipped to
// the image, and s becomes the share of the pixels outside.

#ifndef LENSLET_DATA_MIXING_H_
#define LENSLET_DATA_MIXING_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/data/change_image.h"
#include "lenslet/data/warp_image.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// The alphas of the distributions. 0: none. With both, an example is mixed in
// one of the two ways, equally likely.
struct MixingSpec {
  double mixup = 0;
  double cutmix = 0;

  bool empty() const { return mixup == 0 && cutmix == 0; }
};

// What is done to one example.
struct Mixture {
  float share = 1;  // s.
  bool pastes = false;
  ImageBox box;  // If `pastes`.
};

// From Beta(alpha, alpha): in [0, 1]. `alpha` > 0.
double DrawSymmetricBeta(double alpha, Random& random);

Mixture DrawMixture(const MixingSpec& spec, const ImageFormat& format,
                    Random& random);

// The place of the example that example `n` of `count` is mixed with.
inline int64_t PartnerOf(int64_t n, int64_t count) {
  const int64_t first = n - n % kLanes;
  return n + 1 < count && n + 1 < first + kLanes ? n + 1 : first;
}

// Mixes the examples of one group, at most kLanes, of the given format: numbers
// in the given layout.
void MixGroup(absl::Span<const Mixture> mixtures, const ImageFormat& format,
              Layout layout, float* group);

// Does the same to arrays that are [example, rows, columns, channels] for any
// number of examples, with as many mixtures.
template <typename T, typename Mix>
void MixArrays(absl::Span<const Mixture> mixtures, int64_t elements, T* values,
               Mix mix) {
  const auto count = static_cast<int64_t>(mixtures.size());
  std::vector<T> first(elements);
  for (int64_t n = 0; n < count; ++n) {
    T* const own = values + n * elements;
    // What the last of the group is mixed with.
    if (n % kLanes == 0) first.assign(own, own + elements);
    const int64_t partner = PartnerOf(n, count);
    mix(mixtures[n], own,
        partner > n ? values + partner * elements : first.data());
  }
}

// Copies the pixels in the box from `other` to `own`.
template <typename T>
void PasteBox(const ImageFormat& format, const ImageBox& box, const T* other,
              T* own) {
  for (int64_t y = box.top; y < box.top + box.height; ++y) {
    const int64_t begin = (y * format.width + box.left) * format.channels;
    const int64_t end = begin + box.width * format.channels;
    for (int64_t i = begin; i < end; ++i) own[i] = other[i];
  }
}

}  // namespace lenslet

#endif  // LENSLET_DATA_MIXING_H_
