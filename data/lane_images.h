// Copies images of a data set to a block in lanes (tensor/lanes.h).

#ifndef LENSLET_DATA_LANE_IMAGES_H_
#define LENSLET_DATA_LANE_IMAGES_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

// Copies the images at `indices` to `out`, normalized as by CopyImages()
// (data/batches.h). Missing images of the last group are zeros. `out` has room
// for RoomForImages(Layout::kLanes, indices.size()) images. Thread-safe if each
// call has a separate `out`. Aborts if an index is not in [0, dataset.size()).
void CopyImagesToLanes(const Dataset& dataset,
                       absl::Span<const int64_t> indices, float* out);

// As CopyImagesToLanes(), for one group of images anywhere in memory. There are
// 1 to kLanes images of `elements` bytes each; `channels` is their last
// dimension. Normalizes them with NormalizePixels(). `out` has kLanes *
// elements elements.
void CopyGroupToLanes(absl::Span<const uint8_t* const> images, int64_t elements,
                      int64_t channels, const Normalization& normalization,
                      float* out);

}  // namespace lenslet

#endif  // LENSLET_DATA_LANE_IMAGES_H_
