// Image files in folders, one for each class:
//
//   train/cat/0001.jpg
//   train/cat/0002.png
//   train/dog/a.jpg

#ifndef LENSLET_DATA_IMAGE_FOLDER_H_
#define LENSLET_DATA_IMAGE_FOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Errors: InvalidArgument unless `shape` is [height, width, 1 or 3] with at
// most kMaxImagePixels (data/image_file.h).
absl::Status CheckImageFolderShape(const Shape& shape);

// Reads the files that end with .png, .jpg, .jpeg, .pgm or .ppm, in any case,
// from the folders in `directory`, and makes them images of `shape`, as
// ReadFittedImage() (data/image_file.h) does. Classes are named as their
// folders, in the order of the names' bytes. A class's images are in the order
// of their files' names, and classes take turns: the first examples are of all
// classes. Other files are not read, nor is what begins with a dot, nor folders
// in a class's folder.
//
// If `class_names` are given, those of the training examples, the folders must
// have the same names.
//
// Errors, naming the path: NotFound, PermissionDenied and what else the system
// says; FailedPrecondition for a directory that is none; InvalidArgument for
// one without folders, more than 256 of them, a name that is not UTF-8, a class
// without images, and one that is missing or that `class_names` have not;
// ReadFittedImage()'s; CheckImageFolderShape()'s; ResourceExhausted.
absl::StatusOr<Dataset> LoadImageFolders(
    const std::string& directory, const Shape& shape,
    absl::Span<const std::string> class_names = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_FOLDER_H_
