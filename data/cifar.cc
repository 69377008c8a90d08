#include "lenslet/data/cifar.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/class_names.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kSide = 32;
constexpr int64_t kChannels = 3;
constexpr int64_t kPlaneBytes = kSide * kSide;
constexpr int64_t kImageBytes = kChannels * kPlaneBytes;
constexpr int64_t kRecordsAtOnce = 64;

// Of the binary version of one of the data sets.
struct CifarForm {
  int64_t label_bytes;
  int64_t label;  // Which of them it is.
  int classes;
  std::vector<std::string> train_files;
  std::string test_file;
  std::string names_file;
  std::vector<std::string> names;  // Without the file.
  const char* how_to_get;

  int64_t record_bytes() const { return label_bytes + kImageBytes; }
};

CifarForm Cifar10() {
  return {
      .label_bytes = 1,
      .label = 0,
      .classes = 10,
      .train_files = {"data_batch_1.bin", "data_batch_2.bin",
                      "data_batch_3.bin", "data_batch_4.bin",
                      "data_batch_5.bin"},
      .test_file = "test_batch.bin",
      .names_file = "batches.meta.txt",
      .names = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                "horse", "ship", "truck"},
      .how_to_get =
          "expected the folder cifar-10-batches-bin of cifar-10-binary.tar.gz, "
          "from https://www.cs.toronto.edu/~kriz/cifar.html"};
}

CifarForm Cifar100(Cifar100Labels labels) {
  const bool is_fine = labels == Cifar100Labels::kFine;
  CifarForm form = {
      .label_bytes = 2,
      .label = is_fine ? 1 : 0,
      .classes = is_fine ? 100 : 20,
      .train_files = {"train.bin"},
      .test_file = "test.bin",
      .names_file = is_fine ? "fine_label_names.txt" : "coarse_label_names.txt",
      .names = {},
      .how_to_get =
          "expected the folder cifar-100-binary of cifar-100-binary.tar.gz, "
          "from https://www.cs.toronto.edu/~kriz/cifar.html"};
  for (int i = 0; i < form.classes; ++i) form.names.push_back(absl::StrCat(i));
  return form;
}

absl::StatusOr<std::vector<std::string>> ReadCifarNames(const std::string& path,
                                                        const CifarForm& form) {
  absl::StatusOr<std::vector<std::string>> names = ReadClassNames(path);
  if (absl::IsNotFound(names.status())) return form.names;
  if (names.ok() && static_cast<int>(names->size()) != form.classes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has ", names->size(),
                     " names of classes; expected ", form.classes));
  }
  if (names.ok()) {
    LENSLET_RETURN_IF_ERROR(CheckClassNames(path, *names));
  }
  return names;
}

// Opens a file that has whole records by its size.
absl::StatusOr<InputFile> OpenRecords(const std::string& path,
                                      const CifarForm& form) {
  const int64_t record_bytes = form.record_bytes();
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (absl::IsNotFound(file.status())) {
    return absl::NotFoundError(
        absl::StrCat(file.status().message(), "; ", form.how_to_get));
  }
  LENSLET_RETURN_IF_ERROR(file.status());
  if (file->size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is empty; expected records of ", record_bytes, " bytes"));
  }
  if (file->size() % record_bytes != 0) {
    return absl::DataLossError(absl::StrCat(
        path, ": has ", file->size(), " bytes; expected a multiple of ",
        record_bytes, ", the size of a record (", file->size() / record_bytes,
        " records and ", file->size() % record_bytes, " bytes)"));
  }
  return file;
}

// From planes of channels to pixels of channels.
void Interleave(const char* planes, uint8_t* image) {
  for (int64_t i = 0; i < kPlaneBytes; ++i) {
    for (int64_t channel = 0; channel < kChannels; ++channel) {
      image[i * kChannels + channel] =
          static_cast<uint8_t>(planes[channel * kPlaneBytes + i]);
    }
  }
}

// Reads all of `file`'s records; `labels` and `images` have room for them.
absl::Status ReadRecords(InputFile& file, const CifarForm& form,
                         uint8_t* labels, uint8_t* images) {
  const int64_t record_bytes = form.record_bytes();
  const int64_t count = file.size() / record_bytes;
  std::vector<char> buffer(kRecordsAtOnce * record_bytes);
  for (int64_t first = 0; first < count; first += kRecordsAtOnce) {
    const int64_t records = std::min(kRecordsAtOnce, count - first);
    LENSLET_ASSIGN_OR_RETURN(
        const int64_t got,
        file.Read(absl::MakeSpan(buffer.data(), records * record_bytes)));
    if (got != records * record_bytes) {
      return absl::DataLossError(absl::StrCat(
          file.path(), ": ends after ", file.position(), " bytes; expected ",
          file.size(), ", which it had when it was opened"));
    }
    for (int64_t i = 0; i < records; ++i) {
      const char* record = buffer.data() + i * record_bytes;
      const auto label = static_cast<uint8_t>(record[form.label]);
      if (label >= form.classes) {
        return absl::InvalidArgumentError(absl::StrCat(
            file.path(), ": label ", label, " of the record at index ",
            first + i, "; expected a label below ", form.classes));
      }
      labels[first + i] = label;
      Interleave(record + form.label_bytes, images + (first + i) * kImageBytes);
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t more,
                           file.Read(absl::MakeSpan(buffer.data(), 1)));
  if (more != 0) {
    return absl::DataLossError(
        absl::StrCat(file.path(), ": has more than the ", file.size(),
                     " bytes that it had when it was opened"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Dataset> LoadCifar(const std::string& directory, Split split,
                                  const CifarForm& form) {
  std::vector<InputFile> files;
  int64_t count = 0;
  const std::vector<std::string> names_of_files =
      split == Split::kTrain ? form.train_files
                             : std::vector<std::string>{form.test_file};
  for (const std::string& name : names_of_files) {
    LENSLET_ASSIGN_OR_RETURN(
        InputFile file, OpenRecords(absl::StrCat(directory, "/", name), form));
    count += file.size() / form.record_bytes();
    files.push_back(std::move(file));
  }
  LENSLET_ASSIGN_OR_RETURN(
      std::vector<std::string> names,
      ReadCifarNames(absl::StrCat(directory, "/", form.names_file), form));

  absl::StatusOr<Tensor> images = Tensor::Create(
      ElementType::kUint8, Shape({count, kSide, kSide, kChannels}));
  absl::StatusOr<Tensor> labels =
      Tensor::Create(ElementType::kUint8, Shape({count}));
  for (const absl::Status& status : {images.status(), labels.status()}) {
    if (!status.ok()) {
      return absl::ResourceExhaustedError(
          absl::StrCat(directory, ": ", status.message()));
    }
  }
  int64_t first = 0;
  for (InputFile& file : files) {
    LENSLET_RETURN_IF_ERROR(
        ReadRecords(file, form, labels->data<uint8_t>() + first,
                    images->data<uint8_t>() + first * kImageBytes));
    first += file.size() / form.record_bytes();
  }
  return MakeDataset(
      {.inputs = *std::move(images), .targets = *std::move(labels)},
      std::move(names));
}

}  // namespace

absl::StatusOr<Dataset> LoadCifar10(const std::string& directory, Split split) {
  return LoadCifar(directory, split, Cifar10());
}

absl::StatusOr<Dataset> LoadCifar100(const std::string& directory, Split split,
                                     Cifar100Labels labels) {
  return LoadCifar(directory, split, Cifar100(labels));
}

}  // namespace lenslet
