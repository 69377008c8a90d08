// The two ways in which a block of images lies in memory, and the way from one
// to the other.
//
//   images   [images, ...]: one image after the other, each in row-major order
//   lanes    [groups, ..., 16]: images in groups of kLanes; in a group, the
//            first element of each of its images, then the second of each, ...
//
// In lanes a vector register holds the same element of several images,
// whatever the shape of an image is, and an image can be reshaped for free. A
// last group with fewer images is as large as the others.

#ifndef LENSLET_TENSOR_LANES_H_
#define LENSLET_TENSOR_LANES_H_

#include <cstdint>

namespace lenslet {

enum class Layout : uint8_t { kImages, kLanes };

// Images in a group: the floats in the widest vector register.
inline constexpr int64_t kLanes = 16;

// How many groups hold that many images.
inline int64_t LaneGroups(int64_t images) {
  return images / kLanes + (images % kLanes != 0);
}

// Images that a block has room for: `images`, in lanes rounded up.
inline int64_t RoomForImages(Layout layout, int64_t images) {
  return layout == Layout::kImages ? images : LaneGroups(images) * kLanes;
}

// Copies `images` images of `elements` elements each. Missing images of the
// last group become zeros. Arrays may not overlap.
void ImagesToLanes(int64_t images, int64_t elements, const float* from,
                   float* to);
void LanesToImages(int64_t images, int64_t elements, const float* from,
                   float* to);

// The one of these two that leads to `to_layout`.
void CopyToLayout(Layout to_layout, int64_t images, int64_t elements,
                  const float* from, float* to);

// Sets the lanes of the last group's missing images to zero.
void ClearMissingLanes(int64_t images, int64_t elements, float* lanes);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_LANES_H_
