// How the bytes of images become a network's input: divided by 255, and, with a
// normalization, moved and scaled so that each channel has about mean 0 and
// variance 1,
//
//   y = (x / 255 - mean[c]) / deviation[c],
//
// c being the channel, the last dimension of an image. Each of the three
// operations is rounded to float.

#ifndef LENSLET_DATA_NORMALIZATION_H_
#define LENSLET_DATA_NORMALIZATION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Both empty: y = x / 255. Otherwise each has a number for each channel, or one
// for all.
struct Normalization {
  std::vector<float> mean = {};
  std::vector<float> deviation = {};

  bool empty() const { return mean.empty(); }
  // Of a channel; not empty().
  float MeanOf(int64_t channel) const {
    return mean[mean.size() == 1 ? 0 : channel];
  }
  float DeviationOf(int64_t channel) const {
    return deviation[deviation.size() == 1 ? 0 : channel];
  }
};

// The last dimension of an image, sound, ...; 1 if it has no dimensions.
inline int64_t ChannelsOf(const Shape& image_shape) {
  return image_shape.rank() == 0 ? 1 : image_shape.dim(image_shape.rank() - 1);
}

// Errors: InvalidArgument, naming the field, for a number of means or
// deviations that is neither 1 nor that of the channels of `image_shape`, one
// without the other, a mean that is not finite, and a deviation that is not
// positive.
absl::Status CheckNormalization(const Normalization& normalization,
                                const Shape& image_shape);

// Puts each byte, divided by 255, into `out`, which has bytes.size() elements.
void ScalePixels(absl::Span<const uint8_t> bytes, float* out);

// Puts the bytes of an image with `channels` channels into `out`, which has
// bytes.size() elements: as ScalePixels() if `normalization` is empty. It must
// fit the image.
void NormalizePixels(absl::Span<const uint8_t> bytes, int64_t channels,
                     const Normalization& normalization, float* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_NORMALIZATION_H_
