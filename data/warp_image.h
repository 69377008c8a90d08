// Affine changes of the pixels' positions, for data augmentation: a part of an
// image, enlarged to the whole, rotated and scaled, in one interpolation.
//
// Pixels are squares with their centers at whole numbers. A source in the area
// of the image is interpolated between the nearest centers; one outside is 0.
// Source positions are rounded to 1/256 of a pixel, and bytes to the nearest.
// The results are the same on every machine. `in` and `out` are whole images of
// the given format. They must not overlap.

#ifndef LENSLET_DATA_WARP_IMAGE_H_
#define LENSLET_DATA_WARP_IMAGE_H_

#include <cstdint>

#include "lenslet/base/random.h"
#include "lenslet/data/change_image.h"

namespace lenslet {

// Rows [top, top + height) and columns [left, left + width).
struct ImageBox {
  int64_t top = 0;
  int64_t left = 0;
  int64_t height = 0;
  int64_t width = 0;

  friend bool operator==(const ImageBox&, const ImageBox&) = default;
};

struct ImageWarp {
  // The part of the image that is enlarged to the whole.
  ImageBox part;
  // Then the rotation around the center, counterclockwise, in [-360, 360], and
  // the factor of all distances from the center: above 1 enlarges.
  double degrees = 0;
  double factor = 1;
};

// Bytes and floats with bilinear interpolation.
void WarpImage(const ImageFormat& format, const uint8_t* in,
               const ImageWarp& warp, uint8_t* out);
void WarpNumbers(const ImageFormat& format, const float* in,
                 const ImageWarp& warp, float* out);

// Each pixel has the class of the nearest source, or `outside`.
void WarpMap(const ImageFormat& format, const int32_t* in,
             const ImageWarp& warp, int32_t outside, int32_t* out);

// Draws a part of an image as PyTorch's RandomResizedCrop does: its area is
// uniform in [min_area, 1] times that of the image; its width over its height
// is that of the image times a factor whose logarithm is uniform between those
// of 3/4 and 4/3; its place is uniform. If 10 of these do not fit into the
// image, the part is the whole. `min_area` in (0, 1].
ImageBox DrawPart(const ImageFormat& format, double min_area, Random& random);

// Draws a box to erase (Zhong, Zheng, Kang, Li and Yang, "Random erasing data
// augmentation", 2017): its area is uniform in [0.02, 0.4] times that of the
// image, its height over its width in [0.3, 1 / 0.3], its place among those
// where it fits. Empty if 100 of these do not fit.
ImageBox DrawErasedBox(const ImageFormat& format, Random& random);

// Sets each byte in the box to a uniformly random one.
void FillAtRandom(const ImageFormat& format, const ImageBox& box,
                  Random& random, uint8_t* image);

}  // namespace lenslet

#endif  // LENSLET_DATA_WARP_IMAGE_H_
