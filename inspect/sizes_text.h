// The sizes of a shape for people.

#ifndef LENSLET_INSPECT_SIZES_TEXT_H_
#define LENSLET_INSPECT_SIZES_TEXT_H_

#include <string>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// "28 x 28 x 6", with `times` between the sizes; "1" for a single number.
inline std::string SizesText(const Shape& shape,
                             absl::string_view times = " x ") {
  return shape.rank() == 0 ? "1" : absl::StrJoin(shape.dims(), times);
}

}  // namespace lenslet

#endif  // LENSLET_INSPECT_SIZES_TEXT_H_
