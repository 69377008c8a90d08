// A labeled data set of images or other examples, as returned by every loader.

#ifndef LENSLET_DATA_DATASET_H_
#define LENSLET_DATA_DATASET_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/data/normalization.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The training part or the test part of a data set.
enum class Split { kTrain, kTest };

// A label is a byte.
inline constexpr int kMaxClasses = 256;

// Loaders guarantee that there are as many labels as images, that there are at
// most kMaxClasses class names, and that every label is less than their number.
struct Dataset {
  // uint8 of shape [size, height, width, channels]. Examples other than images
  // may have any shape: sounds [size, frames, channels], clips [size, frames,
  // height, width, channels].
  Tensor images;
  // uint8 of shape [size]: the index of the image's class in class_names.
  Tensor labels;
  std::vector<std::string> class_names;
  // How pixels become network inputs. Fits image_shape()
  // (CheckNormalization()).
  Normalization normalization = {};

  // The number of images; 0 in a default-constructed data set.
  int64_t size() const { return images.shape().dim(0); }

  // The shape of one image: [height, width, channels], or as above.
  Shape image_shape() const {
    return *Shape::Create(images.shape().dims().subspan(1));
  }

  // The last dimension of an image.
  int64_t channels() const { return ChannelsOf(image_shape()); }

  // Returns a copy of image `i`, of shape image_shape(). `i` is in [0, size()).
  Tensor Image(int64_t i) const {
    Tensor image(image_shape(), ElementType::kUint8);
    const absl::Span<const uint8_t> pixels =
        images.view<uint8_t>().Slice(i, i + 1).span();
    std::copy(pixels.begin(), pixels.end(), image.data<uint8_t>());
    return image;
  }
};

}  // namespace lenslet

#endif  // LENSLET_DATA_DATASET_H_
