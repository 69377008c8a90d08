// Pictures as text, for a look at them in a terminal.

#ifndef LENSLET_INSPECT_TERMINAL_PICTURE_H_
#define LENSLET_INSPECT_TERMINAL_PICTURE_H_

#include <string>

#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// The picture of a uint8 image [height, width, 1 or 3], of which the brightness
// is shown: a letter for two pixels, one above the other, from ' ' (black) to
// '@' (white). Lines end in '\n' and have no blanks at their ends. Wide images
// are shrunk to `max_columns` columns by leaving out pixels.
std::string TerminalPicture(const Tensor& image, int max_columns = 76);

// The picture of a uint8 example of any shape: of an image as above; of
// [H, W], as sounds and texts have, as a gray image. "" for all others, which
// cannot be shown as one picture.
std::string ExamplePicture(const Tensor& example, int max_columns = 76);

// The picture of a map of numbers [H, W], from ' ' (the smallest) to '@' (the
// largest), as ColorMap::kGray shows it (inspect/color_map.h).
std::string TerminalPicture(View<const float> map, int max_columns = 76);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_TERMINAL_PICTURE_H_
