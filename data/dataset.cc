#include "lenslet/data/dataset.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet {

Tensor Dataset::Image(int64_t i) const {
  if (i < 0 || i >= size()) {
    Fatal(absl::StrCat("image ", i, " of a data set of ", size(), " images"));
  }
  Tensor image(image_shape(), ElementType::kUint8);
  const absl::Span<const uint8_t> pixels =
      images.view<uint8_t>().Slice(i, i + 1).span();
  std::copy(pixels.begin(), pixels.end(), image.data<uint8_t>());
  return image;
}

Dataset Dataset::Clone() const {
  return {.images = images.Clone(),
          .labels = labels.Clone(),
          .class_names = class_names,
          .normalization = normalization};
}

}  // namespace lenslet
