// Colors that tell classes apart.

#ifndef LENSLET_INSPECT_CLASS_COLORS_H_
#define LENSLET_INSPECT_CLASS_COLORS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// A gray for class 0, which most maps have as their background. The others have
// hues that are the golden angle apart, so that neighbors differ, and three
// levels of brightness in turn. `c` is at least 0.
Color ClassColor(int64_t c);

// A map of classes as an image, uint8 [height, width, 3]. `classes` has height
// * width elements.
Tensor ClassImage(absl::Span<const int32_t> classes, int64_t height,
                  int64_t width);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_CLASS_COLORS_H_
