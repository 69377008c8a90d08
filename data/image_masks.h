// A folder of images and a folder of masks, PNG files with a class for each
// pixel:
//
//   images/0001.jpg    masks/0001.png
//   images/0002.png    masks/0002.png

#ifndef LENSLET_DATA_IMAGE_MASKS_H_
#define LENSLET_DATA_IMAGE_MASKS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/mask_reader.h"
#include "lenslet/data/read_ahead.h"
#include "lenslet/data/read_images.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The data source image_masks (ImageMasksProto).
DataSource ImageMasksSource();

struct ImageMasksOptions {
  MaskOptions masks = {};
  ReadImagesOptions read = {};
  // If set, images and masks stay in their files.
  std::optional<ReadAheadOptions> read_ahead = {};
  // Where to add what was found out about the images and masks. Null: nowhere.
  ImagesSeen* seen = nullptr;
  // Where MaskPairs::notes and unused_masks (data/mask_pairs.h) are added.
  std::vector<std::string>* notes = nullptr;
  std::vector<std::string>* unused_masks = nullptr;
};

// Reads the images in a folder, sorted by name, and fits them to `shape`, as
// LoadImageFolders() (data/image_folder.h) does. The mask of an image is the
// PNG file in `masks` that has its name but for the ending, and the size that
// the image has once upright. Masks hold numbers in gray pixels or indices of a
// palette (data/png_indices.h). The targets are maps [height, width] of classes
// (MaskReader::Write(), data/mask_reader.h). Beside an image in a box
// (ImageFit::kLetterbox) are kIgnoredClass, so MaskOptions::ignored must be
// set. With a margin, masks are cut where their images are (CropMargin(),
// data/crop_margin.h). Folders in the folders do not matter.
//
// With options.read.skip_unreadable, images that cannot be read, or whose masks
// cannot be, are left out.
//
// With `read_ahead`, images and masks stay in their files, and threads read
// them ahead. Errors about their contents come when they are read, but for
// numbers of no class in the first 64 masks.
//
// Errors, naming the path: PairWithMasks()'s (data/mask_pairs.h) and
// CheckMaskOptions()'s; UnreadableError() (data/unreadable_files.h) for images
// and masks; InvalidArgument for masks with a number of no class, with one of
// them, how many there are, and which numbers they have; ResourceExhausted.
absl::StatusOr<Dataset> LoadImageMasks(const std::string& images,
                                       const std::string& masks,
                                       const Shape& shape,
                                       const ImageMasksOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_MASKS_H_
