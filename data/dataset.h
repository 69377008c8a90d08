// Labelled images, or whatever else is to be classified, as every loader of a
// data set returns them.

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

// The part of a data set to learn from, and the part to measure with.
enum class Split { kTrain, kTest };

// Loaders make sure that there are as many labels as images, and that every
// label is less than the number of class names, of which there are at most 256.
struct Dataset {
  // uint8 of shape [size, height, width, channels]. Other things than images
  // have what shape they like: sounds [size, frames, channels], clips
  // [size, frames, height, width, channels].
  Tensor images;
  // uint8 of shape [size]: the index of the image's class in class_names.
  Tensor labels;
  std::vector<std::string> class_names;
  // How pixels become numbers; fits image_shape() (CheckNormalization()).
  Normalization normalization = {};

  // The number of images; none in a data set that nothing was put into.
  int64_t size() const { return images.shape().dim(0); }

  // One image: [height, width, channels], or as above.
  Shape image_shape() const {
    return *Shape::Create(images.shape().dims().subspan(1));
  }

  // The last dimension of an image.
  int64_t channels() const { return ChannelsOf(image_shape()); }

  // A copy of image `i`, in [0, size()), of image_shape().
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
