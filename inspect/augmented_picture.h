// Shows what augmentation makes of training images.

#ifndef LENSLET_INSPECT_AUGMENTED_PICTURE_H_
#define LENSLET_INSPECT_AUGMENTED_PICTURE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/dataset.h"
#include "lenslet/inspect/layer_pictures.h"

namespace lenslet {

// Returns a sheet of the images at `indices`, as a training step with this seed
// changes them, if they are a block of it. Mixtures are with each other. Noise
// is clamped to the range of pixels; images of numbers are shown by the range
// of all of them. Errors: as CheckAugmentation();
// InvalidArgument for examples that are not [H, W, 1 or 3]; those of reading
// them and of ContactSheet().
absl::StatusOr<LayerPicture> AugmentedPicture(const Dataset& dataset,
                                              absl::Span<const int64_t> indices,
                                              const AugmentationSpec& spec,
                                              uint64_t seed);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_AUGMENTED_PICTURE_H_
