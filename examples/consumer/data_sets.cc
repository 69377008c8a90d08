// Compiles what lenslet.h says of other data sets.

#include "lenslet/data/cifar.h"
#include "lenslet/data/csv.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/lenslet.h"

absl::StatusOr<lenslet::Dataset> LoadPhotos() {
  return lenslet::LoadImageFolders("photos", {32, 32, 3});
}
