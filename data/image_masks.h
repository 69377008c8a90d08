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
#include "lenslet/data/read_ahead.h"
#include "lenslet/data/read_images.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The data source image_masks (ImageMasksProto).
DataSource ImageMasksSource();

struct MaskOptions {
  // 1 to 256, or to 255 if a number is ignored.
  std::vector<std::string> class_names = {};
  // The number of each class in the masks. If empty, 0, 1, and so on.
  std::vector<uint8_t> class_numbers = {};
  // The number of pixels that are ignored (kIgnoredClass).
  std::optional<uint8_t> ignored = {};
};

struct ImageMasksOptions {
  MaskOptions masks = {};
  ReadImagesOptions read = {};
  // If set, images and masks stay in their files.
  std::optional<ReadAheadOptions> read_ahead = {};
  // Where to add what was found out about the images. Null: nowhere.
  ImagesSeen* seen = nullptr;
};

// Errors: InvalidArgument, naming the field, unless there are as many classes
// as MaskOptions says, and each number stands for one thing.
absl::Status CheckMaskOptions(const MaskOptions& options);

// Reads the images in a folder, sorted by name, and fits them to `shape`, as
// LoadImageFolders() (data/image_folder.h) does. The mask of an image is the
// PNG file in `masks` that has its name but for the ending, and its size. Masks
// hold numbers in gray pixels or indices of a palette (data/png_indices.h). The
// targets are maps [height, width] of classes; each pixel is the one of the
// mask, placed as the image is, that is nearest to its center. Beside an image
// in a box (ImageFit::kLetterbox) are kIgnoredClass, so MaskOptions::ignored
// must be set. Folders in the folders do not matter, nor
// do masks without an image.
//
// With `read_ahead`, images and masks stay in their files, and threads read
// them ahead. Errors about their contents come when they are read.
//
// Errors, naming the path: NotFound and other system errors; InvalidArgument
// for no images, two of the same name, images without a mask, masks of other
// sizes, and masks with a number of no class, with one of them and how many
// there are; errors of ReadImageHeader(), ReadFittedImage()
// (data/image_file.h) and DecodePngIndices(); ResourceExhausted.
absl::StatusOr<Dataset> LoadImageMasks(const std::string& images,
                                       const std::string& masks,
                                       const Shape& shape,
                                       const ImageMasksOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_MASKS_H_
