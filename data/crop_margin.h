// Random crops for training: images are fitted to a larger size, decoded once,
// and cut to the size that a network takes whenever they are read. A training
// step takes a part at a random place, everything else the middle. PyTorch has
// the same as RandomCrop and CenterCrop after Resize.

#ifndef LENSLET_DATA_CROP_MARGIN_H_
#define LENSLET_DATA_CROP_MARGIN_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/data/examples.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns [height + 2 margin, width + 2 margin, channels] for `shape` [height,
// width, channels]. Errors: InvalidArgument for a shape that is too large.
absl::StatusOr<Shape> WithMargin(const Shape& shape, int64_t margin);

// Returns an image, uint8 or float32 [height, width, channels], without
// `margin` pixels on each side. Errors: ResourceExhausted.
absl::StatusOr<Tensor> WithoutMargin(const Tensor& image, int64_t margin);

// Returns the examples, images whose height and width are above 2 margin, with
// inputs that are 2 margin less high and wide: the middle or, if
// ExampleBatch::crop_seed() is set, a part at a uniformly random place, which
// depends only on that seed and the example's place in the batch. Targets of
// the height and width of the inputs, such as the classes of pixels, are cut
// where their inputs are; others are those of `examples`. Digests are of the
// whole images and the margin.
std::shared_ptr<const Examples> CropMargin(
    std::shared_ptr<const Examples> examples, int64_t margin);

}  // namespace lenslet

#endif  // LENSLET_DATA_CROP_MARGIN_H_
