// Converts examples to network inputs. Bytes are divided by 255; float numbers
// are taken as they are. A normalization also shifts and scales them so that
// each channel has a mean of about 0 and a variance of about 1:
//
//   y = (x / 255 - mean[c]) / deviation[c]   of bytes
//   y = (x - mean[c]) / deviation[c]         of float numbers
//
// Channels are the last dimension of an example, and c is the index of one: a
// color of an image, a column of a table. Each of the operations is rounded to
// float.

#ifndef LENSLET_DATA_NORMALIZATION_H_
#define LENSLET_DATA_NORMALIZATION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// If both are empty, bytes are only divided by 255. Otherwise each has one
// number per channel, or one number for all channels.
struct Normalization {
  std::vector<float> mean = {};
  std::vector<float> deviation = {};

  friend bool operator==(const Normalization& a,
                         const Normalization& b) = default;

  bool empty() const { return mean.empty(); }
  // The values for a channel. Must not be empty().
  float MeanOf(int64_t channel) const {
    return mean[mean.size() == 1 ? 0 : channel];
  }
  float DeviationOf(int64_t channel) const {
    return deviation[deviation.size() == 1 ? 0 : channel];
  }
};

// Returns the last dimension of an image, sound, ...; 1 for a scalar shape.
inline int64_t ChannelsOf(const Shape& image_shape) {
  return image_shape.rank() == 0 ? 1 : image_shape.dim(image_shape.rank() - 1);
}

// Errors: InvalidArgument, naming the field, if the number of means or
// deviations is neither 1 nor the number of channels of `image_shape`, only one
// of the two is set, a mean is not finite, or a deviation is not positive.
absl::Status CheckNormalization(const Normalization& normalization,
                                const Shape& image_shape);

// Writes each byte, divided by 255 and rounded once, to `out`, which has
// bytes.size() elements.
void ScalePixels(absl::Span<const uint8_t> bytes, float* out);

// Writes the normalized bytes of an image with `channels` channels to `out`,
// which has bytes.size() elements. As ScalePixels() if `normalization` is
// empty. `normalization` must fit the image.
void NormalizePixels(absl::Span<const uint8_t> bytes, int64_t channels,
                     const Normalization& normalization, float* out);

// Does the same for float numbers. Copies them if `normalization` is empty.
void NormalizeNumbers(absl::Span<const float> numbers, int64_t channels,
                      const Normalization& normalization, float* out);

// Does the same for an image of bytes or float numbers.
void NormalizeImage(const Tensor& image, int64_t channels,
                    const Normalization& normalization, float* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_NORMALIZATION_H_
