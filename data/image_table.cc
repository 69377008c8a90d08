#include "lenslet/data/image_table.h"

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/crop_margin.h"
#include "lenslet/data/csv_source.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/image_file_examples.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/read_ahead_proto.h"
#include "lenslet/data/split.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

absl::StatusOr<Shape> ReadTableShape(const ImageTableProto& table) {
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      ReadDataShape("image_table.shape",
                    {table.shape().begin(), table.shape().end()}));
  LENSLET_RETURN_IF_ERROR(InDataField(
      "image_table.", CheckImageFolderShape(shape, table.crop_margin())));
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
      .description = absl::StrCat("the table ", table.train_file())};
  ReadImagesOptions read = ReadImagesOptionsOf(table, options);
  std::optional<ReadAheadOptions> read_ahead;
  if (table.has_read_ahead()) {
    read_ahead = ReadAheadFromProto(table.read_ahead());
  }
  std::vector<std::string> header;
  ImagesSeen seen;
  LENSLET_ASSIGN_OR_RETURN(
      examples.train, LoadImageTable(train, directory, shape, table_options,
                                     &header, read, read_ahead, &seen));
  examples.description +=
      WithoutUnreadable(static_cast<int64_t>(seen.unreadable.size()));
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
                       table_options, nullptr, read, read_ahead, &test_seen));
    examples.test_remark =
        WithoutUnreadable(static_cast<int64_t>(test_seen.unreadable.size()));
    seen.Add(test_seen);
  }
  examples.warnings = seen.Notes();
  LENSLET_RETURN_IF_ERROR(NoteLabels(table.train_file(), options, examples));
  examples.unreadable = std::move(seen.unreadable);
  return examples;
}

// Images that stay in their files, with targets in memory.
class TableFileExamples : public ImageFileExamples {
 public:
  TableFileExamples(std::vector<std::string> paths, const Shape& shape,
                    const ReadImagesOptions& options,
                    std::shared_ptr<const Examples> targets)
      : ImageFileExamples(std::move(paths), shape, options),
        targets_(std::move(targets)) {}

  TargetSpec target() const override { return targets_->target(); }
  int64_t bytes() const override { return targets_->bytes(); }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    return targets_->ReadTargets(indices, batch);
  }

 protected:
  absl::Status AddTargetToDigest(int64_t index, Digest& digest) const override {
    return targets_->AddToDigest({index}, digest);
  }

 private:
  const std::shared_ptr<const Examples> targets_;
};

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
    const ReadImagesOptions& read,
    const std::optional<ReadAheadOptions>& read_ahead, ImagesSeen* seen) {
  const int64_t margin = read.decode.margin;
  LENSLET_RETURN_IF_ERROR(CheckImageFolderShape(shape, margin));
  if (margin > 0) {
    ReadImagesOptions whole = read;
    whole.decode.margin = 0;
    LENSLET_ASSIGN_OR_RETURN(const Shape wide, WithMargin(shape, margin));
    LENSLET_ASSIGN_OR_RETURN(
        Dataset dataset,
        LoadImageTable(path, directory, wide, std::move(options), header, whole,
                       read_ahead, seen));
    dataset.examples = CropMargin(dataset.examples, margin);
    return dataset;
  }
  options.has_inputs = false;
  LENSLET_ASSIGN_OR_RETURN(CsvTable table, LoadCsvTable(path, options));
  if (header != nullptr) *header = std::move(table.header);
  std::vector<std::string> paths;
  for (const std::string& name : table.texts) {
    paths.push_back(PathIn(directory, name));
  }
  const bool streams = read_ahead.has_value();
  ReadImagesResult result;
  if (streams && !read.skip_unreadable) {
    // Errors come when the images are read.
    if (AreFloats(paths, read)) {
      result.seen = LookAtLongSamples(paths, shape, read);
    }
    result.read.resize(paths.size());
    std::iota(result.read.begin(), result.read.end(), 0);
  } else {
    absl::StatusOr<ReadImagesResult> images =
        streams ? CheckImages(paths, shape, read)
                : ReadImages(paths, shape, read);
    if (!images.ok()) {
      if (!absl::IsResourceExhausted(images.status())) return images.status();
      return absl::ResourceExhaustedError(
          absl::StrCat(path, ": ", images.status().message()));
    }
    result = *std::move(images);
  }
  if (seen != nullptr) *seen = std::move(result.seen);
  if (streams) {
    const auto count = static_cast<int64_t>(paths.size());
    result.images = Tensor({count, 0}, ElementType::kUint8);
  }
  absl::StatusOr<Dataset> dataset =
      MakeDataset({.inputs = std::move(result.images),
                   .targets = std::move(table.targets),
                   .kind = options.kind},
                  std::move(table.target_names));
  if (!dataset.ok()) {
    return absl::Status(dataset.status().code(),
                        absl::StrCat(path, ": ", dataset.status().message()));
  }
  const bool all = result.read.size() == paths.size();
  if (streams) {
    LENSLET_ASSIGN_OR_RETURN(
        dataset->examples,
        ReadAhead(std::make_shared<TableFileExamples>(std::move(paths), shape,
                                                      read, dataset->examples),
                  *read_ahead));
  }
  return all ? *std::move(dataset)
             : SelectExamples(*dataset, std::move(result.read));
}

}  // namespace lenslet
