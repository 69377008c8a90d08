// Copies images to a block in lanes (tensor/lanes.h).

#ifndef LENSLET_DATA_LANE_IMAGES_H_
#define LENSLET_DATA_LANE_IMAGES_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

// Copies a group of images from anywhere in memory. There are 1 to kLanes
// images of `elements` elements each, of type T, uint8_t or float; `channels`
// is their last dimension. Normalizes them with NormalizePixels() or
// NormalizeNumbers() (data/normalization.h). `out` has kLanes * elements
// elements. Missing images are zeros. Thread-safe if each call has a separate
// `out`.
template <typename T>
void CopyGroupToLanes(absl::Span<const void* const> images, int64_t elements,
                      int64_t channels, const Normalization& normalization,
                      float* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_LANE_IMAGES_H_
