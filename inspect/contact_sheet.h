// Many small pictures as one image: a network's filters, or the channels that a
// layer makes of an image.

#ifndef LENSLET_INSPECT_CONTACT_SHEET_H_
#define LENSLET_INSPECT_CONTACT_SHEET_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

struct ContactSheetOptions {
  ColorMap colors = ColorMap::kGray;
  // Whether each picture is scaled by the range of its own numbers, so that
  // weak ones can be seen too. Otherwise by that of all of them: the same
  // colour means the same number on the whole sheet.
  bool scale_each = false;
  // Pictures in a row, at least 1. 0: so that the sheet is one to three times
  // as wide as high and its last row full, where that is possible.
  int64_t columns = 0;
  // The side of the square that shows one number, in pixels, at least 1. 0: as
  // large as lets the sheet's longer side stay at some 640 pixels, at most 64.
  int64_t zoom = 0;
  // Background around each picture, in pixels, at least 0.
  int64_t gap = 3;
  // A colour that neither map has.
  Color background = {0, 112, 112};
};

// The pictures, row by row from the top left, as uint8 [height, width, 3].
// `maps` is [n, H, W] or, with colours as in ColorImage(), [n, H, W, 3].
// Numbers that are NaN are kNanColor; those and infinite ones count for no
// range. Errors: InvalidArgument, naming the field and its value, for maps
// without numbers or of another shape, an option out of its range, and a sheet
// of more than kMaxImagePixels; ResourceExhausted.
absl::StatusOr<Tensor> ContactSheet(View<const float> maps,
                                    const ContactSheetOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_CONTACT_SHEET_H_
