// Images of a data set as a block in lanes (tensor/lanes.h).

#ifndef LENSLET_DATA_LANE_IMAGES_H_
#define LENSLET_DATA_LANE_IMAGES_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

// Puts the images at `indices` into `out`, with the numbers that CopyImages()
// (data/batches.h) gives. Missing images of the last group are zeros. `out` has
// RoomForImages(Layout::kLanes, indices.size()) images. May be called by
// several threads at once, each with an `out` of its own; aborts if an index is
// not in [0, dataset.size()).
void CopyImagesToLanes(const Dataset& dataset,
                       absl::Span<const int64_t> indices, float* out);

// The same for one group of images that lie anywhere: at least one, at most
// kLanes, of `elements` bytes each, `channels` being their last dimension, by
// NormalizePixels(). `out` has kLanes * elements elements.
void CopyGroupToLanes(absl::Span<const uint8_t* const> images, int64_t elements,
                      int64_t channels, const Normalization& normalization,
                      float* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_LANE_IMAGES_H_
