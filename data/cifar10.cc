#include "lenslet/data/cifar10.h"

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
constexpr int64_t kRecordBytes = 1 + kImageBytes;
constexpr int64_t kRecordsAtOnce = 64;
constexpr int kClasses = 10;

constexpr char kHowToGetCifar10[] =
    "expected the folder cifar-10-batches-bin of cifar-10-binary.tar.gz, from "
    "https://www.cs.toronto.edu/~kriz/cifar.html";

std::vector<std::string> FileNames(Split split) {
  if (split == Split::kTest) return {"test_batch.bin"};
  return {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
          "data_batch_4.bin", "data_batch_5.bin"};
}

absl::StatusOr<std::vector<std::string>> ReadCifar10ClassNames(
    const std::string& path) {
  absl::StatusOr<std::vector<std::string>> names = ReadClassNames(path);
  if (absl::IsNotFound(names.status())) {
    return std::vector<std::string>{"airplane", "automobile", "bird", "cat",
                                    "deer",     "dog",        "frog", "horse",
                                    "ship",     "truck"};
  }
  if (names.ok() && names->size() != kClasses) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has ", names->size(),
                     " names of classes; expected ", kClasses));
  }
  return names;
}

// Opens a file that has whole records by its size.
absl::StatusOr<InputFile> OpenRecords(const std::string& path) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (absl::IsNotFound(file.status())) {
    return absl::NotFoundError(
        absl::StrCat(file.status().message(), "; ", kHowToGetCifar10));
  }
  LENSLET_RETURN_IF_ERROR(file.status());
  if (file->size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is empty; expected records of ", kRecordBytes, " bytes"));
  }
  if (file->size() % kRecordBytes != 0) {
    return absl::DataLossError(absl::StrCat(
        path, ": has ", file->size(), " bytes; expected a multiple of ",
        kRecordBytes, ", the size of a record (", file->size() / kRecordBytes,
        " records and ", file->size() % kRecordBytes, " bytes)"));
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
absl::Status ReadRecords(InputFile& file, uint8_t* labels, uint8_t* images) {
  const int64_t count = file.size() / kRecordBytes;
  std::vector<char> buffer(kRecordsAtOnce * kRecordBytes);
  for (int64_t first = 0; first < count; first += kRecordsAtOnce) {
    const int64_t records = std::min(kRecordsAtOnce, count - first);
    LENSLET_ASSIGN_OR_RETURN(
        const int64_t got,
        file.Read(absl::MakeSpan(buffer.data(), records * kRecordBytes)));
    if (got != records * kRecordBytes) {
      return absl::DataLossError(absl::StrCat(
          file.path(), ": ends after ", file.position(), " bytes; expected ",
          file.size(), ", which it had when it was opened"));
    }
    for (int64_t i = 0; i < records; ++i) {
      const char* record = buffer.data() + i * kRecordBytes;
      const auto label = static_cast<uint8_t>(record[0]);
      if (label >= kClasses) {
        return absl::InvalidArgumentError(absl::StrCat(
            file.path(), ": label ", label, " of the record at index ",
            first + i, "; expected a label below ", kClasses));
      }
      labels[first + i] = label;
      Interleave(record + 1, images + (first + i) * kImageBytes);
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

}  // namespace

absl::StatusOr<Dataset> LoadCifar10(const std::string& directory, Split split) {
  std::vector<InputFile> files;
  int64_t count = 0;
  for (const std::string& name : FileNames(split)) {
    LENSLET_ASSIGN_OR_RETURN(InputFile file,
                             OpenRecords(absl::StrCat(directory, "/", name)));
    count += file.size() / kRecordBytes;
    files.push_back(std::move(file));
  }
  LENSLET_ASSIGN_OR_RETURN(
      std::vector<std::string> names,
      ReadCifar10ClassNames(absl::StrCat(directory, "/batches.meta.txt")));

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
        ReadRecords(file, labels->data<uint8_t>() + first,
                    images->data<uint8_t>() + first * kImageBytes));
    first += file.size() / kRecordBytes;
  }
  return MakeDataset(
      {.inputs = *std::move(images), .targets = *std::move(labels)},
      std::move(names));
}

}  // namespace lenslet
