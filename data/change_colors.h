// Changes to the colors of an image, for data augmentation, in this order. They
// are those of PyTorch's ColorJitter, which applies them in a random order. x
// is a byte, and results are rounded to the nearest in [0, 255].
//
//   brightness  f * x
//   contrast    m + f * (x - m), with the mean m of the gray image
//   saturation  g + f * (x - g), with the gray g of the pixel
//   hue         the pixel's hue, in turns of the color wheel, plus f
//
// The gray of red, green and blue is 0.299 r + 0.587 g + 0.114 b, rounded. An
// image without 3 channels has no colors: its mean is that of its bytes, and
// saturation and hue change nothing. All results are the same on every machine.

#ifndef LENSLET_DATA_CHANGE_COLORS_H_
#define LENSLET_DATA_CHANGE_COLORS_H_

#include <cstdint>

#include "lenslet/data/change_image.h"

namespace lenslet {

// Factors, at least 0 and at most 1000, and turns, in [-1, 1]. They are rounded
// to multiples of 2^-16, the turns to a sixth of that.
struct ColorChange {
  double brightness = 1;
  double contrast = 1;
  double saturation = 1;
  double hue = 0;
};

void ChangeColors(const ImageFormat& format, const ColorChange& change,
                  uint8_t* image);

}  // namespace lenslet

#endif  // LENSLET_DATA_CHANGE_COLORS_H_
