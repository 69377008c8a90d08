// Arranges many small pictures in one image: a network's filters, or the
// channels of a layer's output.

#ifndef LENSLET_INSPECT_CONTACT_SHEET_H_
#define LENSLET_INSPECT_CONTACT_SHEET_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

struct ContactSheetOptions {
  ColorMap colors = ColorMap::kGray;
  // Whether to scale each picture by its own range, so that weak
  // ones are visible. Otherwise all pictures share one range, so that a color
  // means the same number everywhere.
  bool scale_each = false;
  // The numbers that have the colors at the ends of the map, as of images,
  // which reach from 0 to 1 whatever their pixels. Replaces the ranges above.
  std::optional<ValueRange> range = {};
  // Pictures per row, at least 1. 0 chooses: if possible, the sheet is one to
  // three times as wide as high and its last row is full.
  int64_t columns = 0;
  // The side of the square that shows one number, in pixels, at least 1. 0
  // chooses the largest, up to 64, that keeps the sheet's longer side at about
  // 640 pixels.
  int64_t zoom = 0;
  // Background around each picture, in pixels, at least 0.
  int64_t gap = 3;
  // A color that neither map has.
  Color background = {0, 112, 112};
};

// Returns the pictures, row by row from the top left, as uint8 [height, width,
// 3]. `maps` is [n, H, W] or, with colors as in ColorImage(), [n, H, W, 3].
// NaN has the color kNanColor. Ranges ignore NaN and infinite numbers. Errors:
// InvalidArgument, naming the field and its value, for maps that are empty or
// have another shape, an option out of its range, or a sheet of more than
// kMaxImagePixels; ResourceExhausted.
absl::StatusOr<Tensor> ContactSheet(View<const float> maps,
                                    const ContactSheetOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_CONTACT_SHEET_H_
