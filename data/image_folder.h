// Loads image files from folders, one folder per class:
//
//   train/cat/0001.jpg
//   train/cat/0002.png
//   train/dog/a.jpg

#ifndef LENSLET_DATA_IMAGE_FOLDER_H_
#define LENSLET_DATA_IMAGE_FOLDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/read_ahead.h"
#include "lenslet/data/read_images.h"
#include "lenslet/data/unreadable_files.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Errors: InvalidArgument unless `shape` is [height, width, 1 or 3] with at
// most kMaxImagePixels (data/image_file.h), also with `crop_margin` pixels more
// on each side.
absl::Status CheckImageFolderShape(const Shape& shape, int64_t crop_margin = 0);

// The names in a folder, without those that begin with a dot and __MACOSX,
// which archives of macOS have.
struct FolderContents {
  // Folders, and links to folders, in NaturalLess() order
  // (base/natural_less.h).
  std::vector<std::string> folders;
  // Files, sorted by bytes, with an ending of image files, in upper or lower
  // case, or with the contents of one (ImageFormatOf()).
  std::vector<std::string> images;
  std::vector<std::string> others;  // Sorted by bytes.
};

// Errors, naming the path: NotFound, PermissionDenied and other system errors.
absl::StatusOr<FolderContents> ListFolder(const std::string& path);

// For a folder without images, of which contents.others are HEIC or AVIF: how
// many, and what to do, as "; ...". Otherwise "".
std::string HeicHint(const std::string& folder, const FolderContents& contents);

// At most 20 of them, for people: "a, b, c and 3 more".
std::string NameList(absl::Span<const std::string> names);

struct ImageClass {
  std::string name;
  // The path of the class's folder.
  std::string folder;
  // The names of its images, sorted by bytes.
  std::vector<std::string> files;
};

// Lists what LoadImageFolders() reads, in the order of the classes. Adds to
// `notes`, if it is not null, what is left out, and classes whose names differ
// only in case or blanks. Errors: as LoadImageFolders(),
// except those about the images.
absl::StatusOr<std::vector<ImageClass>> ListImageClasses(
    const std::string& directory,
    absl::Span<const std::string> class_names = {},
    std::vector<std::string>* notes = nullptr);

struct ImageFolderOptions {
  ReadImagesOptions read = {};
  // If set, images stay in their files.
  std::optional<ReadAheadOptions> read_ahead = {};
  // Where sentences for people go: which files are left out, and which classes;
  // and what ImagesSeen::Notes() says. Null: nowhere.
  std::vector<std::string>* notes = nullptr;
  // Where files go that could not be read and were skipped. Null: nowhere.
  std::vector<UnreadableFile>* unreadable = nullptr;
};

// What a recipe's fields about images (ImageFoldersProto, ImageTableProto,
// ImageMasksProto) say, and what `options` do.
template <typename Proto>
ReadImagesOptions ReadImagesOptionsOf(const Proto& proto,
                                      const LoadDataOptions& options) {
  ReadImagesOptions read = {
      .decode = {.max_bytes = IntegerOrDefault(
                                  proto, Proto::kMaxImageMebibytesFieldNumber)
                              << 20,
                 .max_bytes_field = "max_image_mebibytes"},
      .skip_unreadable = proto.on_unreadable() == SKIP,
      .threads = options.threads,
      .progress = options.progress,
      .cache_folder = options.image_cache,
      .single_errors = options.single_errors};
  read.decode.fit = proto.fit() == LETTERBOX     ? ImageFit::kLetterbox
                    : proto.fit() == CENTER_CROP ? ImageFit::kCenterCrop
                                                 : ImageFit::kStretch;
  read.decode.margin = proto.crop_margin();
  for (int c = 0; c < proto.background_size(); ++c) {
    read.decode.background[c] = static_cast<uint8_t>(proto.background(c));
  }
  return read;
}

// How images are decoded for a model that was trained on this data, without
// max_bytes_field: who uses the model has no recipe. Absent if the data is no
// image files.
std::optional<DecodeOptions> DecodeOptionsOf(const DataProto& data);

// For data that a model is measured on: takes the fit, the background and the
// crop margin that `data` does not name from `trained`, the data that the model
// was trained on. Changes nothing unless both are image files.
void TakeDecoding(const DataProto& trained, DataProto& data);

// Reads image files from the folders in `directory`, and fits them to `shape`
// with ReadImages() (data/read_images.h): the examples are floats if an image
// has more than 8 bits per sample. Reads FolderContents::images. Skips other
// files, and folders inside a class's folder.
//
// Each folder is a class of the same name. A class's index is its position in
// the folders' NaturalLess() order, from 0. The images of a class are sorted by
// file name. Examples cycle through the classes, so the first examples cover
// all classes.
//
// If `class_names` (those of the training examples) are given, they have the
// order of the classes, and the folders must have these names. A class may lack
// a folder, or images in it.
//
// With `options.read.decode.margin`, the images are those of CropMargin()
// (data/crop_margin.h).
//
// With `read_ahead`, the images stay in their files: threads decode those that
// will be read next into a bounded buffer (data/read_ahead.h), and each is
// decoded again in each epoch, or read from the cache. Errors about an image
// come when it is read; files that are to be skipped are found by decoding all
// once. The digest is that of the files' bytes.
//
// Errors, naming the path: NotFound, PermissionDenied and other system errors;
// FailedPrecondition if `directory` is not a folder; InvalidArgument for no
// folders, more than kMaxClasses folders, a name that is not UTF-8, a class
// without images (unless `class_names` are given), no images at all, or a
// folder that is not in `class_names`; errors of ReadImages() and
// CheckImageFolderShape(); ResourceExhausted.
absl::StatusOr<Dataset> LoadImageFolders(
    const std::string& directory, const Shape& shape,
    absl::Span<const std::string> class_names = {},
    const ImageFolderOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_FOLDER_H_
