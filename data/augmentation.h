// Data augmentation: random changes to training images as they are read, so
// that a network rarely sees the same image twice. The changes, in this order:
//
//   crop_area      a random part, enlarged to the whole: PyTorch's
//                  RandomResizedCrop (data/warp_image.h)
//   rotation       around the center, with bilinear interpolation
//   scale          smaller or larger, around the center
//   shift          by whole pixels; PyTorch's RandomCrop with a padding
//   flip           left to right, with probability 1/2
//   vertical_flip  upside down, with probability 1/2
//   brightness, contrast, saturation, hue
//                  PyTorch's ColorJitter (data/change_colors.h)
//   cutout         of a square (DeVries and Taylor, "Improved regularization of
//                  convolutional neural networks with cutout", 2017)
//   erasing        of a random rectangle, with a probability: it has random
//                  pixels (data/warp_image.h)
//   noise          added to each element
//   mixup, cutmix  mixtures with another example (data/mixing.h)
//
// Pixels from outside the image and cut-out pixels are black: 0 before
// normalization. All changes up to erasing map bytes to bytes, and need images:
// examples of shape [height, width, channels]. Those up to vertical_flip and
// cutout also map floats to floats, which are not rounded; the others need
// bytes. Noise and mixup apply to bytes and floats of any shape, cutmix to
// those of shape [height, width, channels]. Noise is added to floats, which are
// not clamped to [0, 1].
//
// Changes up to vertical_flip also move targets that have a number or a class
// for each pixel, with the same random numbers:
//
//   a map of classes  the class of the nearest source; kIgnoredClass
//                     (data/target_kind.h) from outside the image
//   numbers           as pixels, but not rounded; 0 from outside
//   the input itself  the image after vertical_flip: clean, so that a network
//                     learns to remove the noise, and whole, so that it learns
//                     to fill in what was cut out
//
// Targets of a mixture with share s (data/mixing.h), whose own target is a:
//
//   numbers           s * a + (1 - s) * b; after cutmix, numbers for each pixel
//                     are pasted as the pixels are
//   classes           the loss is s times that of a plus 1 - s times that of b;
//                     with cross-entropy, this is the loss of the mixed
//                     probabilities. After cutmix, maps are pasted
//
// The random numbers for an image depend only on a seed and the position of the
// image in its block. They are the same on every machine, for any number of
// threads, and in both layouts.

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
#include "lenslet/data/examples.h"
#include "lenslet/data/mixing.h"
#include "lenslet/data/warp_image.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// A zero disables a change.
struct AugmentationSpec {
  // The angle is uniform in [-rotation, rotation], in degrees. `rotation` is at
  // most 180.
  double rotation = 0;
  // The row and column shifts are uniform integers in [-shift, shift]. `shift`
  // is less than the height and the width.
  int64_t shift = 0;
  bool flip = false;
  // The side of the square, around a random pixel (EraseSquare()). At most the
  // longer side of the image.
  int64_t cutout = 0;
  // The standard deviation of the noise: of bytes, as a fraction of the range
  // of a pixel; of float numbers, in their units. At most 1. The noise is a sum
  // of 8 uniform numbers, scaled. Relative to its standard deviation, its
  // magnitude is below 4.9. Its kurtosis is 2.85; a normal distribution has 3.
  double noise = 0;
  bool vertical_flip = false;
  // The least area of the part, as a share of the image's. At most 1.
  double crop_area = 0;
  // The factor is uniform in [1 - scale, 1 + scale]. Less than 1.
  double scale = 0;
  // Factors are uniform in [max(0, 1 - x), 1 + x]; x is at most 10. Saturation
  // and hue need 3 channels.
  double brightness = 0;
  double contrast = 0;
  double saturation = 0;
  // The change is uniform in [-hue, hue], in turns of the color wheel. At most
  // 1/2.
  double hue = 0;
  // The probability. At most 1.
  double erasing = 0;
  // The alphas of the mixtures' shares. At most 100.
  double mixup = 0;
  double cutmix = 0;

  bool empty() const { return *this == AugmentationSpec(); }

  friend bool operator==(const AugmentationSpec&,
                         const AugmentationSpec&) = default;
};

AugmentationSpec AugmentationFromProto(const AugmentationProto& proto);
AugmentationProto AugmentationToProto(const AugmentationSpec& spec);

// Errors: InvalidArgument, naming the field, for a number out of range; for a
// change of images to other examples, or of bytes to floats; for saturation and
// hue without 3 channels; and for changes that move pixels, those up to
// vertical_flip and cutmix, if the targets have more than one dimension, but
// not first the height and the width of the images.
absl::Status CheckAugmentation(const AugmentationSpec& spec, const Shape& shape,
                               ElementType type, const TargetSpec& target);

// Errors: InvalidArgument for mixtures in blocks of one example.
absl::Status CheckMixing(const AugmentationSpec& spec, int64_t block);

// Owns the memory for a group of images. Not thread-safe.
class Augmenter {
 public:
  // For examples of this shape, with which `spec` must pass
  // CheckAugmentation(). Errors: ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Augmenter>> Create(
      const AugmentationSpec& spec, const Shape& shape);

  // As CopyInputs() (data/batches.h), with changes. The inputs have the
  // augmenter's shape.
  void CopyInputs(const Dataset& dataset, const ExampleBatch& batch,
                  uint64_t seed, Layout layout, float* out);

  // Changes the targets in `batch` along with their inputs. The batch has both,
  // and CopyInputs() got the same seed just before.
  void ChangeTargets(const Examples& examples, uint64_t seed,
                     ExampleBatch& batch);

  // After ChangeTargets(), of targets that are classes: the share s of each
  // example, and the classes that the rest has, as many as the batch has. Both
  // are empty if there are no mixtures. Valid until the next call.
  absl::Span<const float> shares() const { return shares_; }
  absl::Span<const int32_t> other_classes() const { return other_classes_; }

 private:
  // What is done to an image and its target.
  struct Motion {
    ImageWarp warp;
    int64_t rows = 0;
    int64_t columns = 0;
    bool mirrored = false;
    bool upside_down = false;
  };

  Augmenter(const AugmentationSpec& spec, const Shape& shape);

  // Copy one group, with all changes of pixels. `first` is the position of its
  // first image in the block.
  void ChangeBytes(const Dataset& dataset, absl::Span<const void* const> images,
                   uint64_t seed, int64_t first, Layout layout, float* out);
  void ChangeFloats(const Dataset& dataset,
                    absl::Span<const void* const> images, uint64_t seed,
                    int64_t first, Layout layout, float* out);
  // Applies these changes to one image.
  void Change(const uint8_t* in, Random& random, uint8_t* out);
  template <typename T>
  void CutOut(Random& random, T* image);
  // The first numbers that are drawn for an image.
  Motion DrawMotion(Random& random) const;
  void Move(const uint8_t* in, const Motion& motion, uint8_t* out);
  void MoveClasses(const Motion& motion, int64_t channels, int32_t* classes);
  void MoveNumbers(const Motion& motion, int64_t channels, float* numbers);
  // Adds noise to one group. `out` points to its first image.
  void AddNoise(const Normalization& normalization, uint64_t seed,
                int64_t first, int64_t count, Layout layout, float* out);
  // Draws the mixtures of a batch.
  void DrawMixtures(uint64_t seed, int64_t count);
  void MixTargets(const TargetSpec& target, ExampleBatch& batch);

  AugmentationSpec spec_;
  Shape shape_;
  ImageFormat format_;
  ImageRotation rotation_;
  Tensor rotated_;                     // One image.
  Tensor changed_;                     // One group of images.
  std::vector<float> changed_floats_;  // Likewise, if images are floats.
  std::vector<int32_t> map_;           // One target, and the same rotated.
  std::vector<float> numbers_;         // Likewise.
  std::vector<Random> randoms_;        // For the noise of those images.
  std::vector<float> noise_scales_;    // One per channel.
  std::vector<Mixture> mixtures_;      // Of the last batch.
  std::vector<float> shares_;
  std::vector<int32_t> other_classes_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_AUGMENTATION_H_
