#include "lenslet/data/image_table.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/csv_source.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/split.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

absl::StatusOr<Shape> ReadTableShape(const ImageTableProto& table) {
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      ReadDataShape("image_table.shape",
                    {table.shape().begin(), table.shape().end()}));
  LENSLET_RETURN_IF_ERROR(
      InDataField("image_table.", CheckImageFolderShape(shape)));
  return shape;
}

absl::Status CheckImageTable(const DataProto& data) {
  if (data.target().kind_case() == TargetProto::KIND_NOT_SET) {
    return MissingDataField("target");
  }
  LENSLET_RETURN_IF_ERROR(CheckTargetColumns(data.target()));
  return ReadTableShape(data.image_table()).status();
}

absl::StatusOr<SourceExamples> ReadImageTable(const DataProto& data,
                                              const LoadDataOptions& options) {
  const ImageTableProto& table = data.image_table();
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, ReadTableShape(table));
  CsvTableOptions table_options = {.text_column = table.image_column()};
  SetTableTarget(data.target(), table_options);
  const std::string directory = options.PathOf(table.directory());
  const std::string train = options.PathOf(table.train_file());
  SourceExamples examples = {
      .description = absl::StrCat("images of ", table.train_file())};
  ReadImagesOptions read = ReadImagesOptionsOf(table, options);
  std::vector<std::string> header;
  ImagesSeen seen;
  LENSLET_ASSIGN_OR_RETURN(
      examples.train, LoadImageTable(train, directory, shape, table_options,
                                     &header, read, &seen));
  if (!table.test_file().empty()) {
    table_options.header = std::move(header);
    table_options.header_file = train;
    if (table_options.kind != TargetKind::kValues) {
      table_options.target_names = examples.train.target_names;
    }
    read.as_floats = examples.train.examples->type() == ElementType::kFloat32;
    ImagesSeen test_seen;
    LENSLET_ASSIGN_OR_RETURN(
        examples.test,
        LoadImageTable(options.PathOf(table.test_file()), directory, shape,
                       table_options, nullptr, read, &test_seen));
    seen.Add(test_seen);
  }
  examples.warnings = seen.Notes();
  examples.description +=
      WithoutUnreadable(static_cast<int64_t>(seen.unreadable.size()));
  return examples;
}

}  // namespace

DataSource ImageTableSource() {
  return {.name = "image_table",
          .check = CheckImageTable,
          .read = ReadImageTable,
          .has_columns = true};
}

absl::StatusOr<Dataset> LoadImageTable(
    const std::string& path, const std::string& directory, const Shape& shape,
    CsvTableOptions options, std::vector<std::string>* header,
    const ReadImagesOptions& read, ImagesSeen* seen) {
  LENSLET_RETURN_IF_ERROR(CheckImageFolderShape(shape));
  options.has_inputs = false;
  LENSLET_ASSIGN_OR_RETURN(CsvTable table, LoadCsvTable(path, options));
  std::vector<std::string> paths;
  for (const std::string& name : table.texts) {
    paths.push_back(PathIn(directory, name));
  }
  absl::StatusOr<ReadImagesResult> result = ReadImages(paths, shape, read);
  if (!result.ok()) {
    if (!absl::IsResourceExhausted(result.status())) return result.status();
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": ", result.status().message()));
  }
  if (header != nullptr) *header = std::move(table.header);
  if (seen != nullptr) *seen = std::move(result->seen);
  absl::StatusOr<Dataset> dataset =
      MakeDataset({.inputs = std::move(result->images),
                   .targets = std::move(table.targets),
                   .kind = options.kind},
                  std::move(table.target_names));
  if (!dataset.ok()) {
    return absl::Status(dataset.status().code(),
                        absl::StrCat(path, ": ", dataset.status().message()));
  }
  if (result->read.size() == paths.size()) return dataset;
  return SelectExamples(*dataset, std::move(result->read));
}

}  // namespace lenslet
