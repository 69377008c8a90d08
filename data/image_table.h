// Image files with a CSV file of their targets:
//
//   file,age
//   0001.jpg,34
//   b/0002.png,27.5

#ifndef LENSLET_DATA_IMAGE_TABLE_H_
#define LENSLET_DATA_IMAGE_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/read_images.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The data source image_table (ImageTableProto).
DataSource ImageTableSource();

// Reads the images that `options.text_column` of the table at `path` names,
// from `directory`, into memory, and fits them to `shape`, as
// LoadImageFolders() (data/image_folder.h) does. Examples have the order of the
// rows. Sets `header` to the table's, and `seen` to what was found out about
// the images, if they are not null. `options.has_inputs` is taken as false.
// Errors: those of LoadCsvTable() (data/csv_table.h), CheckImageFolderShape()
// (data/image_folder.h) and ReadImages() (data/read_images.h).
absl::StatusOr<Dataset> LoadImageTable(
    const std::string& path, const std::string& directory, const Shape& shape,
    CsvTableOptions options, std::vector<std::string>* header,
    const ReadImagesOptions& read = {}, ImagesSeen* seen = nullptr);

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_TABLE_H_
