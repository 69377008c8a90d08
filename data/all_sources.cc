#include "lenslet/data/all_sources.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/basic_sources.h"
#include "lenslet/data/cifar.h"
#include "lenslet/data/csv_source.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/image_masks.h"
#include "lenslet/data/image_table.h"
#include "lenslet/data/npy_source.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/data/read_ahead.h"
#include "lenslet/data/read_ahead_proto.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

absl::StatusOr<Shape> ReadFolderShape(const ImageFoldersProto& folders) {
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      ReadDataShape("image_folders.shape",
                    {folders.shape().begin(), folders.shape().end()}));
  LENSLET_RETURN_IF_ERROR(InDataField(
      "image_folders.", CheckImageFolderShape(shape, folders.crop_margin())));
  return shape;
}

absl::Status CheckImageFolders(const DataProto& data) {
  return ReadFolderShape(data.image_folders()).status();
}

absl::StatusOr<SourceExamples> ReadPacked(const DataProto& data,
                                          const LoadDataOptions& options) {
  const PackedProto& packed = data.packed();
  SourceExamples examples = {
      .description = absl::StrCat("packed file ", packed.train_file())};
  const PackedFileOptions file_options = {
      .mixed_bytes =
          IntegerOrDefault(packed, PackedProto::kMixedMebibytesFieldNumber)
          << 20,
      .read_ahead = ReadAheadFromProto(packed.read_ahead())};
  LENSLET_ASSIGN_OR_RETURN(
      examples.train,
      OpenPackedFile(options.PathOf(packed.train_file()), file_options));
  if (packed.test_file().empty()) return examples;
  LENSLET_ASSIGN_OR_RETURN(
      examples.test,
      OpenPackedFile(options.PathOf(packed.test_file()), file_options));
  return examples;
}

// The learned classes, if they are those of the folders; otherwise none.
absl::StatusOr<std::vector<std::string>> ClassOrder(
    const std::string& directory, const std::vector<std::string>& learned) {
  std::vector<std::string> order = learned;
  if (learned.empty()) return order;
  LENSLET_ASSIGN_OR_RETURN(FolderContents contents, ListFolder(directory));
  std::sort(order.begin(), order.end());
  std::sort(contents.folders.begin(), contents.folders.end());
  return order == contents.folders ? learned : std::vector<std::string>();
}

absl::StatusOr<SourceExamples> ReadImageFolders(
    const DataProto& data, const LoadDataOptions& options) {
  const ImageFoldersProto& folders = data.image_folders();
  SourceExamples examples = {
      .description =
          absl::StrCat("image folders in ", folders.train_directory())};
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, ReadFolderShape(folders));
  ImageFolderOptions folder_options = {
      .read = ReadImagesOptionsOf(folders, options),
      .notes = &examples.warnings,
      .unreadable = &examples.unreadable};
  if (folders.has_read_ahead()) {
    folder_options.read_ahead = ReadAheadFromProto(folders.read_ahead());
  }
  const std::string train = options.PathOf(folders.train_directory());
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::string> order,
                           ClassOrder(train, options.class_names));
  LENSLET_ASSIGN_OR_RETURN(
      examples.train, LoadImageFolders(train, shape, order, folder_options));
  const auto of_train = static_cast<int64_t>(examples.unreadable.size());
  examples.description += WithoutUnreadable(of_train);
  if (!folders.test_directory().empty()) {
    folder_options.read.as_floats =
        examples.train.examples->type() == ElementType::kFloat32;
    LENSLET_ASSIGN_OR_RETURN(
        examples.test,
        LoadImageFolders(options.PathOf(folders.test_directory()), shape,
                         examples.train.target_names, folder_options));
  }
  examples.test_remark = WithoutUnreadable(
      static_cast<int64_t>(examples.unreadable.size()) - of_train);
  return examples;
}

absl::StatusOr<SourceExamples> ReadCifar10(const DataProto& data,
                                           const LoadDataOptions& options) {
  const std::string& name = data.cifar10().directory();
  const std::string directory = options.PathOf(name);
  SourceExamples examples = {.description = absl::StrCat("CIFAR-10 in ", name)};
  LENSLET_ASSIGN_OR_RETURN(examples.train,
                           LoadCifar10(directory, Split::kTrain));
  LENSLET_ASSIGN_OR_RETURN(examples.test, LoadCifar10(directory, Split::kTest));
  return examples;
}

absl::StatusOr<SourceExamples> ReadCifar100(const DataProto& data,
                                            const LoadDataOptions& options) {
  const Cifar100Proto& cifar = data.cifar100();
  const std::string directory = options.PathOf(cifar.directory());
  const Cifar100Labels labels = cifar.labels() == Cifar100Proto::COARSE
                                    ? Cifar100Labels::kCoarse
                                    : Cifar100Labels::kFine;
  SourceExamples examples = {
      .description = absl::StrCat("CIFAR-100 in ", cifar.directory())};
  LENSLET_ASSIGN_OR_RETURN(examples.train,
                           LoadCifar100(directory, Split::kTrain, labels));
  LENSLET_ASSIGN_OR_RETURN(examples.test,
                           LoadCifar100(directory, Split::kTest, labels));
  return examples;
}

std::vector<DataSource> MakeSources() {
  const absl::Span<const DataSource> basic = BasicDataSources();
  std::vector<DataSource> sources(basic.begin(), basic.end());
  sources.push_back({"image_folders", CheckImageFolders, ReadImageFolders});
  sources.push_back({"packed", nullptr, ReadPacked});
  sources.push_back(CsvSource());
  sources.push_back(NpySource());
  sources.push_back(ImageTableSource());
  sources.push_back(ImageMasksSource());
  sources.push_back({"cifar10", nullptr, ReadCifar10});
  sources.push_back({"cifar100", nullptr, ReadCifar100});
  return sources;
}

}  // namespace

absl::Span<const DataSource> AllDataSources() {
  static const auto& sources = *new std::vector<DataSource>(MakeSources());
  return sources;
}

}  // namespace lenslet
