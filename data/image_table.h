// Image files with a CSV file of their targets:
//
//   file,age
//   0001.jpg,34
//   b/0002.png,27.5

#ifndef LENSLET_DATA_IMAGE_TABLE_H_
#define LENSLET_DATA_IMAGE_TABLE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/read_ahead.h"
#include "lenslet/data/read_images.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The data source image_table (ImageTableProto).
DataSource ImageTableSource();

// Reads the images that `options.text_column` of the table at `path` names,
// from `directory`, and fits them to `shape`, as LoadImageFolders()
// (data/image_folder.h) does: into memory, or with `read_ahead` when they are
// needed. Examples have the order of the rows. Sets `header` to the table's,
// and `seen` to what was found out about the images, if they are not null.
// `options.has_inputs` is taken as false. Errors: those of LoadCsvTable()
// (data/csv_table.h), CheckImageFolderShape() (data/image_folder.h) and
// ReadImages() (data/read_images.h); with `read_ahead`, those of an image come
// when it is read.
absl::StatusOr<Dataset> LoadImageTable(
    const std::string& path, const std::string& directory, const Shape& shape,
    CsvTableOptions options, std::vector<std::string>* header,
    const ReadImagesOptions& read = {},
    const std::optional<ReadAheadOptions>& read_ahead = std::nullopt,
    ImagesSeen* seen = nullptr);

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_TABLE_H_
