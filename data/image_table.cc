#include "lenslet/data/image_table.h"

#include <algorithm>
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
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_folder.h"
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
  std::vector<std::string> header;
  LENSLET_ASSIGN_OR_RETURN(
      examples.train,
      LoadImageTable(train, directory, shape, table_options, &header));
  if (table.test_file().empty()) return examples;
  table_options.header = std::move(header);
  table_options.header_file = train;
  if (table_options.kind != TargetKind::kValues) {
    table_options.target_names = examples.train.target_names;
  }
  LENSLET_ASSIGN_OR_RETURN(
      examples.test, LoadImageTable(options.PathOf(table.test_file()),
                                    directory, shape, table_options, nullptr));
  return examples;
}

}  // namespace

DataSource ImageTableSource() {
  return {.name = "image_table",
          .check = CheckImageTable,
          .read = ReadImageTable,
          .has_columns = true};
}

absl::StatusOr<Dataset> LoadImageTable(const std::string& path,
                                       const std::string& directory,
                                       const Shape& shape,
                                       CsvTableOptions options,
                                       std::vector<std::string>* header) {
  LENSLET_RETURN_IF_ERROR(CheckImageFolderShape(shape));
  options.has_inputs = false;
  LENSLET_ASSIGN_OR_RETURN(CsvTable table, LoadCsvTable(path, options));
  const auto count = static_cast<int64_t>(table.texts.size());
  LENSLET_ASSIGN_OR_RETURN(const Shape all, shape.WithOuter(count));
  absl::StatusOr<Tensor> images = Tensor::Create(ElementType::kUint8, all);
  if (!images.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": ", images.status().message()));
  }
  uint8_t* pixels = images->data<uint8_t>();
  for (const std::string& name : table.texts) {
    LENSLET_ASSIGN_OR_RETURN(const FittedImage fitted,
                             ReadFittedImage(PathIn(directory, name), shape));
    const absl::Span<const uint8_t> bytes = fitted.image.span<uint8_t>();
    pixels = std::copy(bytes.begin(), bytes.end(), pixels);
  }
  if (header != nullptr) *header = std::move(table.header);
  return MakeDataset({.inputs = *std::move(images),
                      .targets = std::move(table.targets),
                      .kind = options.kind},
                     std::move(table.target_names));
}

}  // namespace lenslet
