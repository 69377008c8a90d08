// Pictures of maps that say how much places of an image matter.

#ifndef LENSLET_INSPECT_HEAT_MAP_H_
#define LENSLET_INSPECT_HEAT_MAP_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns a map [H, W] resized to [height, width], with bilinear interpolation
// between the centers of its pixels. Errors: ResourceExhausted.
absl::StatusOr<Tensor> ResizeMap(const Tensor& map, int64_t height,
                                 int64_t width);

// Returns the image [H, W, 1 or 3], bytes or numbers (BytesOfNumbers() of
// inspect/color_map.h), in gray under the colors of the map, as uint8 [H, W,
// 3]. Red is positive and blue negative, the stronger the farther from 0: the
// largest magnitude has 70% of the color. The map has any size; it is resized.
// Without a number but 0, the image is as it is, in gray. Errors:
// ResourceExhausted.
absl::StatusOr<Tensor> HeatMap(const Tensor& image, const Tensor& map);

// Returns a picture, uint8 [H, W, 3], with squares in place of its pixels: the
// largest, up to 64, that keep the longer side at about 640. Errors:
// ResourceExhausted.
absl::StatusOr<Tensor> Enlarged(const Tensor& picture);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_HEAT_MAP_H_
