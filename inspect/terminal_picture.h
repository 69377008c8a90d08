// Shows pictures as text in a terminal.

#ifndef LENSLET_INSPECT_TERMINAL_PICTURE_H_
#define LENSLET_INSPECT_TERMINAL_PICTURE_H_

#include <string>

#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// Shows the brightness of a uint8 image [height, width, 1 or 3]. Each letter,
// from ' ' (black) to '@' (white), stands for two pixels, one above the other.
// Lines end in '\n' and have no trailing blanks. Wide images are shrunk to
// `max_columns` columns by dropping pixels.
std::string TerminalPicture(const Tensor& image, int max_columns = 76);

// Shows a uint8 example of any shape: an image as above; [H, W], such as a
// sound or text, as a gray image. Returns "" for all others, which cannot be
// shown as one picture, and for float numbers.
std::string ExamplePicture(const Tensor& example, int max_columns = 76);

// Shows a map of numbers [H, W], from ' ' (the smallest) to '@' (the largest),
// scaled as by ColorMap::kGray (inspect/color_map.h).
std::string TerminalPicture(View<const float> map, int max_columns = 76);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_TERMINAL_PICTURE_H_
