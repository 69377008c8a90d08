// Finds the mask of each image in a folder.

#ifndef LENSLET_DATA_MASK_PAIRS_H_
#define LENSLET_DATA_MASK_PAIRS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lenslet {

struct MaskedImage {
  std::string image;
  std::string mask;
};

struct MaskPairs {
  std::vector<MaskedImage> pairs;  // Sorted by the names of the images.
  // The names of masks without an image, in NaturalLess() order
  // (base/natural_less.h).
  std::vector<std::string> unused_masks;
  // Sentences for people: which images are left out or turned.
  std::vector<std::string> notes;
};

// Pairs the images in a folder with the PNG files in `masks` that have their
// names but for the ending, and compares the sizes in their headers, where both
// can be read. Errors, naming the path: ListFolder()'s (data/image_folder.h);
// InvalidArgument for no images, two of the same name, images without a mask,
// and masks of other sizes.
absl::StatusOr<MaskPairs> PairWithMasks(const std::string& images,
                                        const std::string& masks);

}  // namespace lenslet

#endif  // LENSLET_DATA_MASK_PAIRS_H_
