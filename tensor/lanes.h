// The two memory layouts of a block of images, and conversions between them.
//
//   images   [images, ...]: one image after the other, each in row-major order
//   lanes    [groups, ..., 16]: images in groups of kLanes; in a group, the
//            first element of each of its images, then the second of each, ...
//
// In the lanes layout, a vector register holds the same element of several
// images, whatever the shape of an image. Reshaping an image needs no copy. The
// last group has full size even if it has fewer images.

#ifndef LENSLET_TENSOR_LANES_H_
#define LENSLET_TENSOR_LANES_H_

#include <cstdint>

namespace lenslet {

enum class Layout : uint8_t { kImages, kLanes };

// Images per group: the number of floats in the widest vector register.
inline constexpr int64_t kLanes = 16;

// The number of groups that hold `images` images.
inline int64_t LaneGroups(int64_t images) {
  return images / kLanes + (images % kLanes != 0);
}

// The number of images that a block has room for: `images`, rounded up to whole
// groups in the lanes layout.
inline int64_t RoomForImages(Layout layout, int64_t images) {
  return layout == Layout::kImages ? images : LaneGroups(images) * kLanes;
}

// Copy `images` images of `elements` elements each. ImagesToLanes() fills the
// missing images of the last group with zeros. The arrays must not overlap.
void ImagesToLanes(int64_t images, int64_t elements, const float* from,
                   float* to);
void LanesToImages(int64_t images, int64_t elements, const float* from,
                   float* to);

// Calls whichever of these two converts to `to_layout`.
void CopyToLayout(Layout to_layout, int64_t images, int64_t elements,
                  const float* from, float* to);

// Sets the lanes of missing images in the last group to zero.
void ClearMissingLanes(int64_t images, int64_t elements, float* lanes);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_LANES_H_
