// Random changes to training images, made while they are read, so that a
// network sees no image twice: in this order
//
//   rotation  around the middle, by bilinear interpolation
//   shift     by whole pixels
//   flip      of every second image, left to right
//   cutout    of a square (DeVries and Taylor, "Improved regularization of
//             convolutional neural networks with cutout", 2017)
//   noise     added to each element
//
// What comes in from outside is black, 0, and what is cut out as well, before
// the data set's normalization. All but noise makes bytes of bytes; noise is
// added to numbers, which are not held in [0, 1].
//
// The draws for an image come from a seed and the image's place in its block
// alone: they are the same on every machine, for any number of threads, and in
// both layouts.

#ifndef LENSLET_DATA_AUGMENTATION_H_
#define LENSLET_DATA_AUGMENTATION_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/data/change_image.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Zeros stand for what is not done.
struct AugmentationSpec {
  // The angle is any in [-rotation, rotation], in degrees; at most 180.
  double rotation = 0;
  // Rows and columns are each any whole number in [-shift, shift]; less than
  // the height and the width.
  int64_t shift = 0;
  bool flip = false;
  // The side of the square, around any of the pixels (EraseSquare()); at most
  // the larger one of the image's sides.
  int64_t cutout = 0;
  // The standard deviation, 1 being a pixel's whole range; at most 1. The
  // numbers are sums of 8 uniform ones, scaled: variance 1, never beyond 4.9,
  // and kurtosis 2.85 where that of a normal distribution is 3.
  double noise = 0;

  bool empty() const { return *this == AugmentationSpec(); }

  friend bool operator==(const AugmentationSpec&,
                         const AugmentationSpec&) = default;
};

AugmentationSpec AugmentationFromProto(const AugmentationProto& proto);

// Errors: InvalidArgument, naming the field, for numbers out of their range,
// and for anything done to images that are not [height, width, channels].
absl::Status CheckAugmentation(const AugmentationSpec& spec,
                               const Shape& image_shape);

// Owns room for a group of images. One thread at a time.
class Augmenter {
 public:
  // Errors: CheckAugmentation()'s, ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Augmenter>> Create(
      const AugmentationSpec& spec, const Shape& image_shape);

  // Puts the images at `indices`, changed, into `out`: as CopyImages()
  // (data/batches.h) or CopyImagesToLanes() (data/lane_images.h) does with them
  // as they are. Aborts if an index is not in [0, dataset.size()) or images
  // have another shape.
  void CopyImages(const Dataset& dataset, absl::Span<const int64_t> indices,
                  uint64_t seed, Layout layout, float* out);

 private:
  Augmenter(const AugmentationSpec& spec, const Shape& image_shape);

  // All but noise.
  void Change(const uint8_t* in, Random& random, uint8_t* out);
  // For one group: `out` is where its first image is.
  void AddNoise(const Normalization& normalization, uint64_t seed,
                int64_t first, int64_t count, Layout layout, float* out);

  AugmentationSpec spec_;
  Shape image_shape_;
  ImageFormat format_;
  ImageRotation rotation_;
  Tensor rotated_;                   // An image.
  Tensor changed_;                   // A group's images.
  std::vector<Random> randoms_;      // Those images' noise.
  std::vector<float> noise_scales_;  // Of each channel.
};

}  // namespace lenslet

#endif  // LENSLET_DATA_AUGMENTATION_H_
