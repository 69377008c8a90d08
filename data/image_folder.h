// Loads image files from folders, one folder per class:
//
//   train/cat/0001.jpg
//   train/cat/0002.png
//   train/dog/a.jpg

#ifndef LENSLET_DATA_IMAGE_FOLDER_H_
#define LENSLET_DATA_IMAGE_FOLDER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/read_ahead.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Errors: InvalidArgument unless `shape` is [height, width, 1 or 3] with at
// most kMaxImagePixels (data/image_file.h).
absl::Status CheckImageFolderShape(const Shape& shape);

// The names in a folder, sorted by bytes, without those that begin with a dot.
struct FolderContents {
  // Folders, and links to folders.
  std::vector<std::string> folders;
  // Other names that end with .png, .jpg, .jpeg, .pgm or .ppm, in upper or
  // lower case.
  std::vector<std::string> images;
  std::vector<std::string> others;
};

// Errors, naming the path: NotFound, PermissionDenied and other system errors.
absl::StatusOr<FolderContents> ListFolder(const std::string& path);

struct ImageClass {
  std::string name;
  // The path of the class's folder.
  std::string folder;
  // The names of its images, sorted by bytes.
  std::vector<std::string> files;
};

// Lists what LoadImageFolders() reads, in the order of the classes. Errors: as
// LoadImageFolders(), except those about the images.
absl::StatusOr<std::vector<ImageClass>> ListImageClasses(
    const std::string& directory,
    absl::Span<const std::string> class_names = {});

// Reads image files from the folders in `directory`, and fits them to `shape`
// with ReadFittedImage() (data/image_file.h). Reads only files that end with
// .png, .jpg, .jpeg, .pgm or .ppm, in upper or lower case. Skips other files,
// names that begin with a dot, and folders inside a class's folder.
//
// Each folder is a class of the same name. Classes are sorted by the bytes of
// their names. The images of a class are sorted by file name. Examples cycle
// through the classes, so the first examples cover all classes.
//
// If `class_names` (those of the training examples) are given, the folders must
// have exactly these names.
//
// With `read_ahead`, the images stay in their files: threads decode those that
// will be read next into a bounded buffer (data/read_ahead.h), and each is
// decoded again in each epoch. Errors about an image come when it is read. The
// digest is that of the files' bytes.
//
// Errors, naming the path: NotFound, PermissionDenied and other system errors;
// FailedPrecondition if `directory` is not a folder; InvalidArgument for no
// folders, more than 256 folders, a name that is not UTF-8, a class without
// images, a missing folder, or a folder that is not in `class_names`; errors of
// ReadFittedImage() and CheckImageFolderShape(); ResourceExhausted.
absl::StatusOr<Dataset> LoadImageFolders(
    const std::string& directory, const Shape& shape,
    absl::Span<const std::string> class_names = {},
    const std::optional<ReadAheadOptions>& read_ahead = std::nullopt);

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_FOLDER_H_
