#include "lenslet/tensor/lanes.h"

#include <algorithm>

#include "lenslet/tensor/transpose.h"

namespace lenslet {

void ImagesToLanes(int64_t images, int64_t elements, const float* from,
                   float* to) {
  for (; images > 0; images -= kLanes) {
    Transpose(std::min(images, kLanes), elements, from, elements, to, kLanes);
    ClearMissingLanes(std::min(images, kLanes), elements, to);
    from += kLanes * elements;
    to += kLanes * elements;
  }
}

void LanesToImages(int64_t images, int64_t elements, const float* from,
                   float* to) {
  for (; images > 0; images -= kLanes) {
    Transpose(elements, std::min(images, kLanes), from, kLanes, to, elements);
    from += kLanes * elements;
    to += kLanes * elements;
  }
}

void CopyToLayout(Layout to_layout, int64_t images, int64_t elements,
                  const float* from, float* to) {
  if (to_layout == Layout::kLanes) {
    ImagesToLanes(images, elements, from, to);
  } else {
    LanesToImages(images, elements, from, to);
  }
}

void ClearMissingLanes(int64_t images, int64_t elements, float* lanes) {
  const int64_t in_last = images % kLanes;
  if (in_last == 0) return;
  float* group = lanes + images / kLanes * kLanes * elements;
  for (int64_t i = 0; i < elements; ++i) {
    std::fill(group + i * kLanes + in_last, group + (i + 1) * kLanes, 0.0f);
  }
}

}  // namespace lenslet
