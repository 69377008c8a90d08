// How cameras say that an image is stored turned: the tag Orientation of EXIF
// 2.3, section 4.6.4, in JPEG, PNG, TIFF and WebP files.

#ifndef LENSLET_DATA_EXIF_H_
#define LENSLET_DATA_EXIF_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns the orientation, 1 to 8, of EXIF data: a TIFF header and its first
// directory, perhaps after "Exif\0\0". Returns 1, upright, if there is none or
// the data is damaged: the pixels are whatever it says.
int ExifOrientation(absl::string_view exif);

// The shape of an image of this shape, [height, width, channels], once upright.
Shape UprightShape(const Shape& shape, int orientation);

// Turns an image that is stored with this orientation upright. The first row
// and column of the stored image are, upright, the
//
//   1  top, left       2  top, right      3  bottom, right  4  bottom, left
//   5  left, top       6  right, top      7  right, bottom  8  left, bottom
//
// Errors: ResourceExhausted.
absl::StatusOr<Tensor> TurnUpright(Tensor image, int orientation);

}  // namespace lenslet

#endif  // LENSLET_DATA_EXIF_H_
