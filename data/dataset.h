// A labeled data set of images or other examples, as returned by every loader.
// A program fills one like this:
//
//   Dataset data = {.images = Tensor({size, 32, 32, 3}, ElementType::kUint8),
//                   .labels = Tensor({size}, ElementType::kUint8),
//                   .class_names = {"cat", "dog"}};
//   uint8_t* pixel = data.images.data<uint8_t>();  // Image by image, row by
//   for (...) *pixel++ = ...;                      // row: red, green, blue.
//   for (...) data.labels.data<uint8_t>()[i] = ...;  // 0 or 1.

#ifndef LENSLET_DATA_DATASET_H_
#define LENSLET_DATA_DATASET_H_

#include <cstdint>
#include <string>
#include <vector>

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

  // Returns a copy of image `i`, of shape image_shape(). Aborts, with a message
  // that names `i` and size(), unless `i` is in [0, size()).
  Tensor Image(int64_t i) const;

  // Returns a copy; data sets are only moved otherwise. Aborts if there is not
  // enough memory.
  Dataset Clone() const;
};

struct TrainAndTest {
  Dataset train;
  Dataset test;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_DATASET_H_
